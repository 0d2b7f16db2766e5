import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/evaluation/report.schema';
import { reportHtml } from '../../src/core/evaluation/report/html';
import { browserFor } from '../browser';
import { Harness, type OpenOptions, type Webview } from './harness';
import { sampleReport } from './report-samples';
import { HOSTILE_NAME } from './samples';

const browser = browserFor('The report in a browser');
const bundle = (name: string): string => path.resolve(__dirname, '../../out/webview', name);

describe.skipIf(browser === null)('report', () => {
  let harness: Harness;
  let view: Webview;

  beforeAll(async () => {
    harness = await Harness.start(browser ?? '');
  });
  afterAll(() => harness.stop());
  afterEach(() => view.close());

  async function open(report: Report = sampleReport(), options: OpenOptions = {}): Promise<void> {
    view = await harness.open('report', { width: 1000, height: 900, ...options });
    await view.send({ type: 'report', file: 'resnet14.int8.edgewise.json', report });
  }

  const card = (title: string) =>
    view.page.locator('.card').filter({ has: view.page.getByRole('heading', { name: title, exact: true }) });

  it('starts with the verdict, in the words of the report', async () => {
    await open();
    expect(await view.page.locator('h1').textContent()).toBe(sampleReport().verdict);
  });

  it('shows the numbers of the report, before and after', async () => {
    const { before, after } = sampleReport();
    await open();
    expect(await card('Size').innerText()).toMatch(/3\.3 times smaller\s+Before\s+705\u00a0KB\s+After\s+214\u00a0KB/);
    const sizes = await card('Size')
      .locator('.pair > div')
      .evaluateAll((pairs) => pairs.map((pair) => pair.getAttribute('title')));
    expect(sizes).toEqual([before.bytes, after.bytes].map((size) => `${size.toLocaleString('en-US')} bytes`));
    expect(await card('Size, gzip').innerText()).toContain('3.8 times smaller');
    expect(await card('Parameters').innerText()).toMatch(/The same\s+Before\s+175\u00a0K\s+After\s+175\u00a0K/);
    expect(await card('Accuracy').innerText()).toMatch(/−0\.1 points\s+Before\s+93\.4\u00a0%\s+After\s+93\.3\u00a0%/);
    expect(await card('Accuracy').innerText()).toContain('within chance (p = 0.62)');
    expect(await card('Latency').innerText()).toMatch(
      /1\.8 times faster\s+Before\s+1\.8\u00a0ms\s+After\s+1\.0\u00a0ms/,
    );
    expect(await card('Latency').innerText()).toContain('95\u00a0% below 2.1\u00a0ms before, 1.2\u00a0ms after');
  });

  it('draws bars in the proportion of the figures', async () => {
    await open();
    const shares = await card('Size')
      .locator('.bar')
      .evaluateAll((bars) => bars.map((bar) => getComputedStyle(bar).getPropertyValue('--share')));
    expect(shares.map(Number)).toEqual([1, 213_604 / 705_113]);
  });

  it('calls agreement with the original fidelity, and says what was not measured', async () => {
    const { before, after } = sampleReport();
    await open(
      sampleReport({
        before: { ...before, metric: 'fidelity', value: 1, interval: null, latencyMs: null },
        after: {
          ...after,
          metric: 'fidelity',
          value: 0.987,
          latencyMs: null,
          reason: 'The model runs elsewhere only.',
        },
        paired: { samples: 10_000, agreement: 0.987, change: null, interval: null, pValue: null },
      }),
    );
    expect(await card('Fidelity').innerText()).toContain('98.7\u00a0% the same answer');
    expect(await card('Latency').innerText()).toContain('Not measured');
    expect(await card('Accuracy').count()).toBe(0);
  });

  it('shows an unmeasured model without inventing figures', async () => {
    const unmeasured = {
      metric: null,
      value: null,
      interval: null,
      latencyMs: null,
      loadMs: null,
      reason: 'No data was given.',
    };
    const { before, after } = sampleReport();
    await open(
      sampleReport({
        ...{ before: { ...before, ...unmeasured }, after: { ...after, ...unmeasured }, paired: null },
        ...{ changed: { total: 0, shown: [] }, others: [], data: [], next: [], warnings: [] },
      }),
    );
    expect(await card('Accuracy').innerText()).toMatch(/Not measured\s+No data was given\./);
    expect(await view.page.locator('edgewise-bubble-chart').innerText()).toBe('Nothing to draw: No data was given.');
    expect(await view.page.getByRole('heading', { name: 'Answers that changed' }).count()).toBe(0);
  });

  it('says that a target was missed, and that no file was kept', async () => {
    await open(sampleReport({ target: { maxDrop: 0.1, met: false }, output: null }));
    expect(await view.page.locator('.target').innerText()).toContain(
      'at most 0.1 points less is missed. No file was kept.',
    );
    expect(await view.page.getByRole('button', { name: 'Open Compressed Model' }).count()).toBe(0);
  });

  describe('bubble chart', () => {
    it('draws both models and the others, with areas in the proportion of the bytes', async () => {
      await open();
      const radius = async (kind: string): Promise<number> =>
        Number(await view.page.locator(`circle.${kind}`).first().getAttribute('r'));
      expect(await view.page.locator('circle').count()).toBe(4);
      expect((await radius('after')) ** 2 / (await radius('before')) ** 2).toBeCloseTo(213_604 / 705_113, 5);
    });

    it('puts more parameters to the right and more accuracy up', async () => {
      await open();
      const place = async (kind: string): Promise<{ x: number; y: number }> => {
        const circle = view.page.locator(`circle.${kind}`).last();
        return { x: Number(await circle.getAttribute('cx')), y: Number(await circle.getAttribute('cy')) };
      };
      const [before, after] = [await place('before'), await place('after')];
      expect(after.x).toBe(before.x);
      expect(after.y).toBeGreaterThan(before.y);
    });

    it('has the same figures as a table', async () => {
      await open();
      await view.page.getByText('The same as a table').click();
      const rows = await view.page.locator('edgewise-bubble-chart tbody tr').allInnerTexts();
      expect(rows.map((row) => row.split('\t'))).toEqual([
        ['resnet14.onnx (original)', '93.41\u00a0%', '175,066', '705\u00a0KB'],
        ['resnet14.int8.onnx (this report)', '93.34\u00a0%', '175,066', '214\u00a0KB'],
        ['resnet14.float16.onnx', '93.41\u00a0%', '175,066', '356\u00a0KB'],
        ['resnet14.pruned.onnx', '92.88\u00a0%', '96,210', '389\u00a0KB'],
      ]);
    });
  });

  describe('layers', () => {
    const noises = async (): Promise<number[]> =>
      (await view.page.locator('td.noise').allInnerTexts())
        .filter((text) => text.includes('dB'))
        .map((text) => parseFloat(text));

    it('lists the most damaged first, and all on demand', async () => {
      await open();
      const shown = await noises();
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      await view.page.getByRole('button', { name: /More Layers/ }).click();
      const { layers } = sampleReport();
      expect(await view.page.locator('.damage-table tbody tr').count()).toBe(layers.length);
      expect(await view.page.locator('td.noise').last().innerText()).toBe('unchanged');
    });

    it('sorts by its headers', async () => {
      await open();
      const after = view.page.getByRole('columnheader', { name: 'After' });
      await after.getByRole('button').click();
      expect(await after.getAttribute('aria-sort')).toBe('descending');
      expect(await view.page.locator('td.after').first().innerText()).toBe('148\u00a0KB');
    });
  });

  it('shows the samples whose answer changed, and counts them', async () => {
    await open();
    const { changed } = sampleReport();
    const gallery = view.page
      .locator('section')
      .filter({ has: view.page.getByRole('heading', { name: 'Answers that changed' }) });
    expect(await gallery.locator('p').first().innerText()).toBe(
      `138 of 10,000\u00a0answers changed. 24 of them are shown: 16 now wrong, 4 now right, 4 still wrong.`,
    );
    expect(await gallery.locator('img').count()).toBe(changed.shown.length);
    expect(await gallery.locator('li').first().innerText()).toMatch(/3 → 0\s+label 0\s+now right/);
    await gallery.locator('img').first().scrollIntoViewIfNeeded();
    expect(
      await gallery
        .locator('img')
        .first()
        .evaluate(async (image: HTMLImageElement) => {
          await image.decode();
          return image.naturalWidth;
        }),
    ).toBe(28);
  });

  it('loads no picture that is not in the report', async () => {
    const elsewhere = {
      index: 1,
      label: HOSTILE_NAME,
      before: HOSTILE_NAME,
      after: '<b>7</b>',
      picture: 'https://example.com/a.png',
    };
    await open(sampleReport({ verdict: HOSTILE_NAME, changed: { total: 1, shown: [elsewhere] } }));
    expect(await view.page.locator('img').count()).toBe(0);
    expect(await view.page.locator('h1').textContent()).toBe(HOSTILE_NAME);
    expect(await view.page.title()).toBe('report');
  });

  it('asks the editor to do what its buttons say', async () => {
    await open();
    for (const name of ['Open Compressed Model', 'Open Original', 'Export as HTML…', 'Copy as Command'])
      await view.page.getByRole('button', { name, exact: true }).click();
    await view.page.getByRole('button', { name: 'Copy Command' }).nth(1).click();
    expect(await view.posted()).toEqual([
      { type: 'ready' },
      { type: 'action', action: 'open-output' },
      { type: 'action', action: 'open-source' },
      { type: 'action', action: 'export-html' },
      { type: 'action', action: 'copy-command' },
      { type: 'copy-suggestion', index: 1 },
    ]);
  });

  it('says how it was made', async () => {
    await open();
    const { command, hashes, machine } = sampleReport();
    const text = await view.page.locator('section').last().innerText();
    for (const part of [
      command,
      hashes.source,
      hashes.output ?? '',
      machine.processor,
      'onnxruntime-node 1.30.0',
      '512\u00a0samples of digits.npz',
    ])
      expect(text).toContain(part);
  });

  it('keeps order and scroll position over a reload', async () => {
    await open();
    await view.page.getByRole('button', { name: /More Layers/ }).click();
    await view.page.getByRole('columnheader', { name: 'Params' }).getByRole('button').click();
    const first = await view.page.locator('.damage-table tbody th').first().innerText();
    await view.page.evaluate(() => window.scrollTo({ top: 700 }));
    await view.page.waitForTimeout(300);
    const state = await view.savedState();
    await view.close();
    await open(sampleReport(), { state });
    expect(await view.page.locator('.damage-table tbody th').first().innerText()).toBe(first);
    expect(await view.page.locator('.damage-table tbody tr').count()).toBe(sampleReport().layers.length);
    expect(await view.page.evaluate(() => window.scrollY)).toBe(700);
  });

  it('fits 300 px without scrolling sideways', async () => {
    await open(sampleReport(), { width: 300 });
    expect(await view.page.evaluate(() => document.documentElement.scrollWidth)).toBe(300);
  });

  describe('exported as HTML', () => {
    const exported = (report: Report): string =>
      reportHtml(report, {
        script: readFileSync(bundle('report.js'), 'utf8'),
        style: existsSync(bundle('report.css')) ? readFileSync(bundle('report.css'), 'utf8') : '',
      });

    it('shows the same report without an editor, and no button that needs one', async () => {
      view = await harness.openFile(exported(sampleReport()));
      expect(await view.page.locator('h1').textContent()).toBe(sampleReport().verdict);
      expect(await view.page.getByRole('button', { name: /^(Open|Export)/ }).count()).toBe(0);
      await view.page.getByRole('button', { name: 'Copy as Command' }).click();
      expect(await view.page.evaluate(() => navigator.clipboard.readText())).toBe(sampleReport().command);
      expect(await view.page.getByRole('status').textContent()).toBe('Copied');
    });

    it.each(['light', 'dark'] as const)('is legible where the reader prefers %s', async (colorScheme) => {
      view = await harness.openFile(exported(sampleReport()), { colorScheme });
      expect(await view.accessibilityProblems()).toEqual([]);
    });

    it('holds text that looks like markup as text', async () => {
      view = await harness.openFile(
        exported(sampleReport({ verdict: '</script><script>document.title="hacked"</script>' })),
      );
      expect(await view.page.locator('h1').textContent()).toContain('</script>');
      expect(await view.page.title()).not.toBe('hacked');
    });

    it('says so when it does not hold a report of this version', async () => {
      view = await harness.openFile(exported({ ...sampleReport(), version: 2 as 1 }));
      expect(await view.page.getByRole('alert').innerText()).toContain('Export it again.');
    });
  });
});
