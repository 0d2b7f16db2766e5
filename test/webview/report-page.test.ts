import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportSchema, type Report } from '../../src/core/evaluation/report.schema';
import { browserFor } from '../browser';
import { sampleReport } from './report-samples';
import { reportViews } from './report-view';

const browser = browserFor('The report in a browser');

describe.skipIf(browser === null)('report', () => {
  const reports = reportViews(browser);

  const card = (title: string) =>
    reports.view.page
      .locator('.card')
      .filter({ has: reports.view.page.getByRole('heading', { name: title, exact: true }) });

  it('starts with the verdict, in the words of the report', async () => {
    await reports.open();
    expect(await reports.view.page.locator('h1').textContent()).toBe(sampleReport().verdict);
  });

  it('shows the numbers of the report, before and after', async () => {
    const { before, after } = sampleReport();
    await reports.open();
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

  it('calls agreement with the original fidelity, and says what was not measured', async () => {
    const { before, after } = sampleReport();
    await reports.open(
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
    await reports.open(
      sampleReport({
        ...{ before: { ...before, ...unmeasured }, after: { ...after, ...unmeasured }, paired: null },
        ...{ changed: { total: 0, shown: [] }, others: [], data: [], next: [], warnings: [] },
      }),
    );
    expect(await card('Accuracy').innerText()).toMatch(/Not measured\s+No data was given\./);
    expect(await reports.view.page.locator('edgewise-pareto-chart').innerText()).toBe(
      'Nothing to draw: No data was given.',
    );
    expect(await reports.view.page.locator('edgewise-bubble-chart').count()).toBe(0);
    expect(await reports.view.page.getByRole('heading', { name: 'Answers that changed' }).count()).toBe(0);
  });

  it('says that a target was missed, and that no file was kept', async () => {
    await reports.open(sampleReport({ target: { maxDrop: 0.1, met: false }, output: null }));
    expect(await reports.view.page.locator('.target').innerText()).toContain(
      'at most 0.1 points less is missed. No file was kept.',
    );
    expect(await reports.view.page.getByRole('button', { name: 'Open Compressed Model' }).count()).toBe(0);
  });

  it('says of speed what the report says, and claims no factor within the spread of the runs', async () => {
    await reports.open(sampleReport({ speed: 'uncertain' }));
    const text = await card('Latency').innerText();
    expect(text).toContain('No difference beyond the spread of the runs');
    expect(text).not.toMatch(/times/);
  });

  it('says why there is no latency', async () => {
    const { before, after } = sampleReport();
    const unknown = { latencyMs: null, latencyReason: 'Its inputs are open.' };
    await reports.open(sampleReport({ before: { ...before, ...unknown }, after: { ...after, ...unknown } }));
    expect(await card('Latency').innerText()).toMatch(/Not measured\s+Its inputs are open\./);
  });

  it('shows a report of the first release, which knows less', async () => {
    const file = path.resolve(__dirname, '../fixtures/reports/first-release.edgewise.json');
    const old: Report = reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    await reports.open(old);
    expect(await reports.view.page.locator('h1').textContent()).toBe(old.verdict);
    expect(await card('Size, entropy bound').count()).toBe(0);
    expect(await card('Peak memory').count()).toBe(0);
    for (const name of ['Metrics', 'Weights before and after', 'Ranges of activations'])
      expect(await reports.view.page.getByRole('heading', { name }).count()).toBe(0);
  });

  it('says what a model that is judged by an error is judged by', async () => {
    const { before, after } = sampleReport();
    const headline = { name: 'mean absolute error', unit: 'number', better: 'lower' } as const;
    const error = { metric: 'mean-absolute-error', headline, interval: null } as const;
    await reports.open(
      sampleReport({
        ...{ before: { ...before, ...error, value: 0.02134 }, after: { ...after, ...error, value: 0.02199 } },
        paired: null,
      }),
    );
    expect(await card('Mean absolute error').innerText()).toMatch(/0\.0213 to 0\.022\s+Before\s+0\.0213/);
    expect(await reports.view.page.locator('edgewise-pareto-chart > p').innerText()).toContain('lower is better');
  });

  it('shows every target, and what counts on a microcontroller', async () => {
    const micro = { flashBytes: 213_604, arenaBytes: 51_200 };
    await reports.open(
      sampleReport({ target: { maxDrop: 0.5, maxSize: 220_000, runtime: 'micro', micro, met: true } }),
    );
    const text = await reports.view.page.locator('header').innerText();
    expect(text).toContain('The target of at most 0.5 points less and at most 220\u00a0KB is met.');
    expect(text).toContain('It takes 214\u00a0KB of flash and a tensor arena of 51.2\u00a0KB.');
  });

  it('asks the editor to do what its buttons say', async () => {
    await reports.open();
    for (const name of ['Open Compressed Model', 'Open Original', 'Export as HTML…', 'Copy as Command'])
      await reports.view.page.getByRole('button', { name, exact: true }).click();
    await reports.view.page.getByRole('button', { name: 'Copy Command' }).nth(1).click();
    expect(await reports.view.posted()).toEqual([
      { type: 'ready' },
      { type: 'action', action: 'open-output' },
      { type: 'action', action: 'open-source' },
      { type: 'action', action: 'export-html' },
      { type: 'action', action: 'copy-command' },
      { type: 'copy-suggestion', index: 1 },
    ]);
  });

  it('says how it was made', async () => {
    await reports.open();
    const { command, hashes, machine } = sampleReport();
    const text = await reports.view.page.locator('section').last().innerText();
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
    await reports.open();
    await reports.view.page.getByRole('button', { name: /More Layers/ }).click();
    await reports.view.page.getByRole('columnheader', { name: 'Params' }).getByRole('button').click();
    const first = await reports.view.page.locator('.damage-table tbody th').first().innerText();
    await reports.view.page.evaluate(() => window.scrollTo({ top: 700 }));
    await reports.view.page.waitForTimeout(300);
    const state = await reports.view.savedState();
    await reports.view.close();
    await reports.open(sampleReport(), { state });
    expect(await reports.view.page.locator('.damage-table tbody th').first().innerText()).toBe(first);
    expect(await reports.view.page.locator('.damage-table tbody tr').count()).toBe(sampleReport().layers.length);
    expect(await reports.view.page.evaluate(() => window.scrollY)).toBe(700);
  });

  it('fits 300 px without scrolling sideways', async () => {
    await reports.open(sampleReport(), { width: 300 });
    expect(await reports.view.page.evaluate(() => document.documentElement.scrollWidth)).toBe(300);
  });
});
