import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/evaluation/report.schema';
import { Editor, canRun, exampleWorkspace } from './editor';
import { compressFromExplorer, offeredChoices, startCompressing } from './flows';
import { hostileModel, manyLayers } from './many-layers';

const possible = canRun('A user’s way through the real VS Code');
const HOSTILE = '<img src=x onerror=document.title="owned">';
const percent = (value: number | null): string => `${(100 * (value ?? NaN)).toFixed(1)}\u00a0%`;

describe.skipIf(!possible)('a user in the real VS Code', () => {
  let editor: Editor;
  let report: Report;
  const names = (): string[] => readdirSync(editor.folder).sort();

  beforeAll(async () => {
    const folder = exampleWorkspace('dark');
    writeFileSync(path.join(folder, 'hostile.onnx'), await hostileModel(HOSTILE));
    // The recipe beside it names another model.
    copyFileSync(path.join(folder, 'digits.onnx'), path.join(folder, 'other.onnx'));
    writeFileSync(path.join(folder, 'many.onnx'), await manyLayers(200));
    editor = await Editor.open({ folder });
  });
  afterAll(() => editor.close());

  it('opens a model by a click, and sees what it is', async () => {
    await editor.openFile('digits.onnx');
    const page = await editor.webview('edgewise-model >> text=Where the bytes are');
    const text = await page.locator('edgewise-model').innerText();
    expect(text).toContain('93.2\u00a0K');
    expect(text).toContain('375\u00a0KB');
    expect(text).toContain('pytorch 2.13.0');
    expect(text).toMatch(/\[batch, 1, 28, 28\]/);
  });

  it('sees the tree fill with what the weights say', async () => {
    await editor.showLayers();
    const view = await editor.webview('edgewise-layers [role="treegrid"]');
    const row = view.locator('[role="row"]').filter({ hasText: 'conv4' });
    await row.locator('svg').first().waitFor();
    expect(await row.innerText()).toMatch(/36\.9\u00a0K/);
    await expect.poll(() => row.locator('.prune').innerText()).toMatch(/\d+\u00a0%/);
  });

  it('selects a layer in one view and finds it selected in the other', async () => {
    const view = await editor.webview('edgewise-layers [role="treegrid"]');
    const page = await editor.webview('edgewise-model');
    await page.getByRole('tab', { name: 'Layers' }).click();
    await page.locator('[role="row"]').filter({ hasText: 'conv3' }).click();
    const inTree = view.locator('[role="row"][aria-selected="true"]');
    await expect.poll(() => inTree.innerText()).toContain('conv3');
    await view.locator('[role="row"]').filter({ hasText: 'fc1' }).click();
    const inTable = page.locator('[role="row"][aria-selected="true"]');
    await expect.poll(() => inTable.innerText()).toContain('fc1');
  });

  it('is offered the recommended way first, with estimates that say so', async () => {
    await editor.command('View: Show Explorer');
    const rows = await offeredChoices(editor, 'digits.onnx');
    const [first = '', second = ''] = await rows.allInnerTexts();
    expect(first).toMatch(/Fast integers, int8.*about \d+ KB \(estimate\) · recommended/);
    expect(second).toMatch(/about \d+ KB \(estimate\)/);
    expect(second).not.toContain('recommended');
    await editor.page.keyboard.press('Escape');
    await rows.first().waitFor({ state: 'hidden' });
  });

  it('is asked for data where none are known, and shown what they are', async () => {
    const before = names();
    const rows = await offeredChoices(editor, 'other.onnx');
    expect((await rows.allInnerTexts())[0]).toMatch(/Weights only, int8.*recommended/);
    await rows.filter({ hasText: 'Fast integers' }).click();
    await rows.filter({ hasText: 'in a file' }).click();
    const dialog = editor.page.locator('.quick-input-widget').filter({ hasText: 'Data File' });
    const field = dialog.locator('input[type="text"]');
    // The dialog fills its field, and then its list, a moment after it appears.
    await expect.poll(() => field.inputValue()).toContain(editor.folder);
    await dialog.getByText('other.onnx', { exact: true }).waitFor();
    await field.fill(path.join(editor.folder, 'data/test.npz'));
    await dialog.getByText('test.npz', { exact: true }).waitFor();
    await dialog.getByText('OK', { exact: true }).click();
    const check = editor.page.getByRole('dialog').filter({ hasText: 'Data for other.onnx' });
    await check.waitFor();
    const text = await check.innerText();
    expect(text).toContain('512 samples to calibrate with, 1,590 to measure on.');
    expect(text).toMatch(/The model answers (9\d|100)\.\d % of a few samples right\./);
    await check.getByText('Cancel', { exact: true }).click();
    await check.waitFor({ state: 'hidden' });
    expect(names()).toEqual(before);
  });

  it('cancels in the notification, and nothing is left', async () => {
    const before = names();
    const progress = await startCompressing(editor, 'digits.onnx', 'int8');
    await progress.getByText('Cancel', { exact: true }).click();
    await progress.waitFor({ state: 'hidden' });
    await expect.poll(names).toEqual(before);
  });

  it('compresses by a right-click, and reads the numbers of the file on the page', async () => {
    report = await compressFromExplorer(editor, 'digits.onnx', 'int8');
    const page = await editor.webview('edgewise-report h1');
    expect(await page.locator('h1').innerText()).toBe(report.verdict);
    const card = (title: string) =>
      page.locator('.card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
    const titles = await card('Size')
      .locator('.pair > div')
      .evaluateAll((pairs) => pairs.map((pair) => pair.getAttribute('title')));
    const bytes = [report.before.bytes, report.after.bytes].map((value) => `${value.toLocaleString('en-US')} bytes`);
    expect(titles).toEqual(bytes);
    const accuracies = await card('Accuracy').locator('.pair .number').allInnerTexts();
    expect(accuracies).toEqual([percent(report.before.value), percent(report.after.value)]);
    expect(report.before.value).toBeGreaterThanOrEqual(0.98);
    expect(report.before.samples).toBeGreaterThanOrEqual(2000);
  });

  it('exports the report as one HTML file', async () => {
    await editor.command('Edgewise: Export Report as HTML');
    const dialog = editor.page.locator('.quick-input-widget').filter({ hasText: 'Export Report as HTML' });
    await expect.poll(() => dialog.locator('input[type="text"]').inputValue()).toContain('digits.int8.edgewise.html');
    await dialog.getByText('OK', { exact: true }).click();
    await editor.notification('Wrote digits.int8.edgewise.html.').waitFor();
    const html = readFileSync(path.join(editor.folder, 'digits.int8.edgewise.html'), 'utf8');
    expect(html).toContain(report.hashes.output);
  });

  it.runIf(process.platform === 'linux')('is told when the engine was killed, and works on', async () => {
    const before = names();
    await startCompressing(editor, 'digits.onnx', 'float16');
    await editor.notification('Measuring digits.onnx').waitFor();
    for (const pid of editor.engines()) process.kill(pid, 'SIGKILL');
    await editor.notification(/The engine stopped unexpectedly at its work on digits\.onnx/).waitFor();
    await expect.poll(names).toEqual(before);
    await compressFromExplorer(editor, 'digits.onnx', 'float16');
    expect(existsSync(path.join(editor.folder, 'digits.float16.onnx'))).toBe(true);
  });

  it('reads what layers cost over the script that makes them, and goes there', async () => {
    await editor.openFile('train.py');
    const lens = editor.page.locator('.codelens-decoration a').filter({ hasText: '18.5 K parameters' });
    await lens.first().waitFor({ timeout: 60_000 });
    expect(await lens.first().innerText()).toContain('74 KB in digits.onnx');
    await lens.first().click();
    const page = await editor.webview('edgewise-model >> text=digits.onnx');
    await expect.poll(() => page.locator('[role="row"][aria-selected="true"]').innerText()).toContain('conv3');
  });

  it('looks at the data as the model takes them, with its answers', async () => {
    await editor.openFile('digits.onnx');
    await editor.webview('edgewise-model >> text=digits.onnx');
    await editor.command('Edgewise: Preview Data…');
    const page = await editor.webview('edgewise-data h1');
    await expect
      .poll(() => page.locator('h1').innerText())
      .toMatch(/^digits\.onnx answers 2[2-4] of 24\s+samples right$/);
    expect(await page.locator('.samples img').count()).toBe(24);
    await page.getByText('Copy Python Snippet').click();
    await editor.page.getByText('Edgewise: Python snippet copied').waitFor();
  });

  it('sees a hostile name as text', async () => {
    await editor.openFile('hostile.onnx');
    const page = await editor.webview('edgewise-model >> text=hostile.onnx');
    await page.getByRole('tab', { name: 'Layers' }).click();
    await page.locator('[role="row"]').filter({ hasText: '<img src=x' }).first().waitFor();
    await editor.showLayers();
    const view = await editor.webview('edgewise-layers >> text=hostile.onnx');
    await view.locator('[role="row"]').filter({ hasText: '<img src=x' }).first().waitFor();
    for (const frame of [page, view]) expect(await frame.locator('img[src="x"]').count()).toBe(0);
    expect(await editor.page.title()).not.toContain('owned');
  });

  it('finds the Layers view as it was after the window was reloaded', async () => {
    await editor.command('View: Show Explorer');
    await editor.openFile('many.onnx');
    await editor.showLayers();
    let view = await editor.webview('edgewise-layers >> text=many.onnx');
    await view.locator('[role="row"]').filter({ hasText: 'stage0' }).click();
    await editor.page.keyboard.press('*');
    // All rows that are drawn, so that a failure says what was there instead.
    const seen = async (): Promise<{ top: number; rows: string[]; selected: string[] }> => ({
      top: await view.locator('.scroller').evaluate((list) => list.scrollTop),
      rows: await view.locator('.label').allInnerTexts(),
      selected: await view.locator('[role="row"][aria-selected="true"] .label').allInnerTexts(),
    });
    await view.locator('.scroller').evaluate((list) => list.scrollTo({ top: list.scrollHeight }));
    await view.locator('[role="row"]').filter({ hasText: 'stage4' }).click();
    const before = await seen();
    expect(before.top).toBeGreaterThan(0);
    expect(before.selected).toEqual(['stage4']);
    await editor.reload();
    await editor.showLayers();
    view = await editor.webview('edgewise-layers >> text=many.onnx');
    await expect.poll(seen, { timeout: 30_000 }).toEqual(before);
  });
});
