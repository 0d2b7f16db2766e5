import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema, type Report } from '../../src/core/evaluation/report.schema';
import { reportHtml } from '../../src/core/evaluation/report/html';
import { browserFor } from '../browser';
import { Harness, type OpenOptions, type Webview } from './harness';
import { sampleFront, sampleReport } from './report-samples';
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
    expect(await card('Size, entropy bound').innerText()).toMatch(
      /3\.5 times smaller\s+Before\s+587\u00a0KB\s+After\s+167\u00a0KB/,
    );
    // 701,340 bytes of weights and the least graph, over the 213,604 of the file.
    expect(await card('Size').innerText()).toContain('3.3 times smaller than the original without names and texts');
    expect(await card('Peak memory').innerText()).toMatch(/1\.3 times less\s+Before\s+9\.5\u00a0MB/);
    expect(await card('Loading').innerText()).toMatch(/1\.5 times faster/);
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
    expect(await view.page.locator('edgewise-pareto-chart').innerText()).toBe('Nothing to draw: No data was given.');
    expect(await view.page.locator('edgewise-bubble-chart').count()).toBe(0);
    expect(await view.page.getByRole('heading', { name: 'Answers that changed' }).count()).toBe(0);
  });

  it('says that a target was missed, and that no file was kept', async () => {
    await open(sampleReport({ target: { maxDrop: 0.1, met: false }, output: null }));
    expect(await view.page.locator('.target').innerText()).toContain(
      'at most 0.1 points less is missed. No file was kept.',
    );
    expect(await view.page.getByRole('button', { name: 'Open Compressed Model' }).count()).toBe(0);
  });

  it('says of speed what the report says, and claims no factor within the spread of the runs', async () => {
    await open(sampleReport({ speed: 'uncertain' }));
    const text = await card('Latency').innerText();
    expect(text).toContain('No difference beyond the spread of the runs');
    expect(text).not.toMatch(/times/);
  });

  it('says why there is no latency', async () => {
    const { before, after } = sampleReport();
    const unknown = { latencyMs: null, latencyReason: 'Its inputs are open.' };
    await open(sampleReport({ before: { ...before, ...unknown }, after: { ...after, ...unknown } }));
    expect(await card('Latency').innerText()).toMatch(/Not measured\s+Its inputs are open\./);
  });

  it('shows a report of the first release, which knows less', async () => {
    const file = path.resolve(__dirname, '../fixtures/reports/first-release.edgewise.json');
    const old: Report = reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    await open(old);
    expect(await view.page.locator('h1').textContent()).toBe(old.verdict);
    expect(await card('Size, entropy bound').count()).toBe(0);
    expect(await card('Peak memory').count()).toBe(0);
    for (const name of ['Metrics', 'Weights before and after', 'Ranges of activations'])
      expect(await view.page.getByRole('heading', { name }).count()).toBe(0);
  });

  it('says what a model that is judged by an error is judged by', async () => {
    const { before, after } = sampleReport();
    const headline = { name: 'mean absolute error', unit: 'number', better: 'lower' } as const;
    const error = { metric: 'mean-absolute-error', headline, interval: null } as const;
    await open(
      sampleReport({
        ...{ before: { ...before, ...error, value: 0.02134 }, after: { ...after, ...error, value: 0.02199 } },
        paired: null,
      }),
    );
    expect(await card('Mean absolute error').innerText()).toMatch(/0\.0213 to 0\.022\s+Before\s+0\.0213/);
    expect(await view.page.locator('edgewise-pareto-chart > p').innerText()).toContain('lower is better');
  });

  it('shows every target, and what counts on a microcontroller', async () => {
    const micro = { flashBytes: 213_604, arenaBytes: 51_200 };
    await open(sampleReport({ target: { maxDrop: 0.5, maxSize: 220_000, runtime: 'micro', micro, met: true } }));
    const text = await view.page.locator('header').innerText();
    expect(text).toContain('The target of at most 0.5 points less and at most 220\u00a0KB is met.');
    expect(text).toContain('It takes 214\u00a0KB of flash and a tensor arena of 51.2\u00a0KB.');
  });

  describe('where the bytes are', () => {
    it('is a bar of parts that are as long as their bytes, with the figures as a table', async () => {
      await open();
      const section = view.page
        .locator('section')
        .filter({ has: view.page.getByRole('heading', { name: 'Where the' }) });
      const shares = await section
        .locator('.stack')
        .evaluateAll((bars) =>
          bars.map((bar) =>
            [...bar.querySelectorAll('.part')]
              .map((part) => Number(getComputedStyle(part).getPropertyValue('--share')))
              .reduce((sum, share) => sum + share, 0),
          ),
        );
      expect(shares[0]).toBeCloseTo(1, 6);
      expect(shares[1]).toBeCloseTo(213_604 / 705_113, 6);
      const rows = await section.locator('tbody tr').allInnerTexts();
      expect(rows[0]).toMatch(/layer4\s+519\u00a0KB\s+131\u00a0KB\s+4\.0 times/);
      expect(rows.at(-1)).toMatch(/graph and names/);
    });
  });

  describe('Pareto chart', () => {
    it('draws what a search tried, and joins the best for their size', async () => {
      await open(sampleReport(sampleFront()));
      const chart = view.page.locator('edgewise-pareto-chart');
      // One of nine lies far below; the original is there, too.
      expect(await chart.locator('.point').count()).toBe(9);
      expect(await chart.locator('p').innerText()).toContain('1\u00a0attempt far below is in the table only.');
      await chart.getByText('The same as a table').click();
      const rows = (await chart.locator('tbody tr').allInnerTexts()).map((row) => row.split('\t'));
      expect(rows).toHaveLength(10);
      expect(rows.filter((row) => row[3] === 'yes').map(([name]) => name)).toEqual([
        'palette of 3 bits everywhere',
        'palette of 3 bits, layer4 int4',
        'int4 everywhere',
        'int4, first and last layer int8 (this report)',
        'int8 everywhere',
        'int8, layer1 float32',
        'original',
      ]);
      expect(await chart.locator('p').innerText()).toContain('Measured on the samples that the search chose on.');
    });

    it('is walked through with the keys, each point with its figures', async () => {
      await open(sampleReport(sampleFront()));
      const points = view.page.locator('edgewise-pareto-chart .point');
      await points.first().focus();
      await view.page.keyboard.press('ArrowRight');
      const focused = view.page.locator('.point:focus');
      expect(await focused.getAttribute('aria-label')).toBe(
        'palette of 3 bits, layer4 int4: 91.48\u00a0%, 104,812 bytes',
      );
      expect(await view.page.locator('edgewise-pareto-chart .point[tabindex="0"]').count()).toBe(1);
      await view.page.keyboard.press('ArrowLeft');
      await view.page.keyboard.press('ArrowLeft');
      expect(await focused.getAttribute('aria-label')).toMatch(/^palette of 3 bits everywhere/);
    });

    it('without a search shows the models that are known', async () => {
      await open();
      expect(await view.page.locator('edgewise-pareto-chart .point').count()).toBe(4);
    });
  });

  it('draws histograms of weights when they are asked for, and says what they show', async () => {
    await open();
    const histograms = view.page.locator('edgewise-distributions svg');
    expect(await histograms.count()).toBe(0);
    await view.page.getByText(/^Histograms of/).click();
    expect(await histograms.count()).toBe(12);
    expect(await histograms.first().getAttribute('aria-label')).toMatch(
      /^conv1: weights from -0\.\d+ to 0\.\d+, in \d+ of 64 bins before and \d+ after$/,
    );
    await view.page.locator('edgewise-distributions').getByRole('button').click();
    expect(await histograms.count()).toBe(sampleReport().distributions?.length);
  });

  it('lists ranges of activations, the widest first, on one scale', async () => {
    await open();
    const widths = await view.page.locator('.ranges .span').evaluateAll((bars) =>
      bars.map((bar) => {
        const style = getComputedStyle(bar);
        return Number(style.getPropertyValue('--high')) - Number(style.getPropertyValue('--low'));
      }),
    );
    expect(widths).toHaveLength(12);
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });

  it('shows all metrics, and each class by what became of it', async () => {
    await open();
    const rows = await view.page
      .locator('section')
      .filter({ has: view.page.getByRole('heading', { name: 'Metrics' }) })
      .locator('tbody tr')
      .allInnerTexts();
    expect(rows[1]?.split('\t').slice(0, 3)).toEqual(['top-5', '99.83\u00a0%', '99.81\u00a0%']);
    expect(rows[2]?.split('\t')).toEqual(['KL divergence from the original', '0.00213', '0.00213', '', 'lower']);
    const matrix = view.page.getByRole('region', { name: 'Labels and answers, after' });
    const { confusion } = sampleReport().after.classes ?? {};
    const figures = await matrix.locator('tbody tr').first().locator('td').allInnerTexts();
    expect(figures.map((text) => (text === '·' ? 0 : Number(text)))).toEqual(confusion?.[0]);
  });

  describe('bubble chart', () => {
    it('draws both models and the others, with areas in the proportion of the bytes', async () => {
      await open();
      const radius = async (kind: string): Promise<number> =>
        Number(await view.page.locator(`edgewise-bubble-chart circle.${kind}`).first().getAttribute('r'));
      expect(await view.page.locator('edgewise-bubble-chart circle').count()).toBe(4);
      expect((await radius('after')) ** 2 / (await radius('before')) ** 2).toBeCloseTo(213_604 / 705_113, 5);
    });

    it('puts more parameters to the right and more accuracy up', async () => {
      await open();
      const place = async (kind: string): Promise<{ x: number; y: number }> => {
        const circle = view.page.locator(`edgewise-bubble-chart circle.${kind}`).last();
        return { x: Number(await circle.getAttribute('cx')), y: Number(await circle.getAttribute('cy')) };
      };
      const [before, after] = [await place('before'), await place('after')];
      expect(after.x).toBe(before.x);
      expect(after.y).toBeGreaterThan(before.y);
    });

    it('has the same figures as a table', async () => {
      await open();
      await view.page.locator('edgewise-bubble-chart').getByText('The same as a table').click();
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
      const after = view.page.locator('.damage-table').getByRole('columnheader', { name: 'After' });
      await after.getByRole('button').click();
      expect(await after.getAttribute('aria-sort')).toBe('descending');
      const largest = Math.max(...sampleReport().layers.map(({ bytesAfter }) => bytesAfter));
      expect(await view.page.locator('td.after').first().innerText()).toBe(`${(largest / 1000).toFixed(1)}\u00a0KB`);
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
