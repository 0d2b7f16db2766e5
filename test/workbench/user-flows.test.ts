import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, canRun, exampleWorkspace } from './editor';
import { compressFromExplorer } from './flows';
import { hostileModel } from './many-layers';

const possible = canRun('A user’s way through the real VS Code');
const HOSTILE = '<img src=x onerror=document.title="owned">';

describe.skipIf(!possible)('a user in the real VS Code', () => {
  let editor: Editor;

  beforeAll(async () => {
    const folder = exampleWorkspace('dark');
    writeFileSync(path.join(folder, 'hostile.onnx'), await hostileModel(HOSTILE));
    editor = await Editor.open({ folder });
  });
  afterAll(() => editor.close());

  it('opens a model by a click, and sees what it is', async () => {
    await editor.openFile('digits.onnx');
    const page = await editor.webview('edgewise-model >> text=Where the bytes are');
    const text = await page.locator('edgewise-model').innerText();
    expect(text).toContain('93.2\u00a0K');
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

  it('compresses by a right-click, and reads the numbers of the file on the page', async () => {
    await editor.command('View: Show Explorer');
    const report = await compressFromExplorer(editor, 'digits.onnx', 'int8');
    const page = await editor.webview('edgewise-report h1');
    expect(await page.locator('h1').innerText()).toBe(report.verdict);
    const size = page.locator('.card').filter({ has: page.getByRole('heading', { name: 'Size', exact: true }) });
    const titles = await size
      .locator('.pair > div')
      .evaluateAll((pairs) => pairs.map((pair) => pair.getAttribute('title')));
    const bytes = [report.before.bytes, report.after.bytes].map((value) => `${value.toLocaleString('en-US')} bytes`);
    expect(titles).toEqual(bytes);
    expect(report.before.value).toBeGreaterThanOrEqual(0.98);
    expect(report.before.samples).toBeGreaterThanOrEqual(2000);
  });

  it('reads what layers cost over the script that makes them', async () => {
    await editor.openFile('train.py');
    const lens = editor.page.locator('.codelens-decoration').filter({ hasText: '18.5 K parameters' });
    await lens.first().waitFor({ timeout: 60_000 });
    expect(await lens.first().innerText()).toContain('in digits.onnx');
  });

  it('sees a hostile name as text', async () => {
    await editor.openFile('hostile.onnx');
    const page = await editor.webview('edgewise-model >> text=hostile.onnx');
    await page.getByRole('tab', { name: 'Layers' }).click();
    await page.locator('[role="row"]').filter({ hasText: '<img src=x' }).first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await editor.page.title()).not.toContain('owned');
  });

  it('finds the Layers view as it was after the window was reloaded', async () => {
    await editor.openFile('digits.onnx');
    await editor.showLayers();
    let view = await editor.webview('edgewise-layers [role="treegrid"]');
    await view.locator('[role="row"]').filter({ hasText: 'conv2' }).click();
    await editor.reload();
    await editor.showLayers();
    view = await editor.webview('edgewise-layers [role="treegrid"]');
    await expect
      .poll(() => view.locator('[role="row"][aria-selected="true"]').innerText(), { timeout: 30_000 })
      .toContain('conv2');
  });
});

describe.skipIf(!possible)('in Restricted Mode', () => {
  it('models can be looked at, and nothing is run', async () => {
    const folder = exampleWorkspace('light');
    copyFileSync(path.join(folder, 'digits.onnx'), path.join(folder, 'copy.onnx'));
    const editor = await Editor.open({ folder, restricted: true });
    try {
      await editor.page.getByRole('button', { name: /No, I don.t trust/ }).click();
      await editor.openFile('digits.onnx');
      const page = await editor.webview('edgewise-model >> text=Where the bytes are');
      await page.getByText('Compress…').click();
      const message = editor.page.locator('.notifications-toasts').filter({ hasText: 'Restricted Mode' });
      await message.waitFor({ timeout: 30_000 });
    } finally {
      await editor.close();
    }
  });
});
