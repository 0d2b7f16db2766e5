import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/core/evaluation/report/html';
import type { Report } from '../../src/core/evaluation/report.schema';
import { browserFor } from '../browser';
import { reportViews } from './report-view';
import { THEME_NAMES } from './themes';
import { trainedReports, type TrainedReports } from './trained-reports';

const browser = browserFor('Reports of trainings in a browser');
const percent = (share: number, decimals = 2): string => `${(share * 100).toFixed(decimals)}\u00a0%`;
const count = (value: number): string => value.toLocaleString('en-US');

function trainingOf({ training }: Report): NonNullable<Report['training']> {
  if (training === undefined) throw new Error('The report tells of no training.');
  return training;
}

describe.skipIf(browser === null)('the report of a training', () => {
  const views = reportViews(browser);
  let reports: TrainedReports;

  beforeAll(async () => {
    reports = await trainedReports();
  });

  const section = (title: string) =>
    views.view.page
      .locator('section')
      .filter({ has: views.view.page.getByRole('heading', { name: title, exact: true, level: 2 }) });
  const curve = (index: number) => section('Training').locator('edgewise-training-curve').nth(index);

  /** What reaches out of the page to the right, which then would scroll sideways. */
  const beyond = (width: number): Promise<string[]> =>
    views.view.page.evaluate((limit) => {
      const { scrollWidth } = document.documentElement;
      if (scrollWidth <= limit) return [];
      const found = [...document.querySelectorAll('main *:not(.matrix *)')]
        .filter((element) => element.getBoundingClientRect().right > limit)
        .map((element) => `${element.tagName} ${element.textContent.slice(0, 60)}`);
      return [`${scrollWidth} px`, ...found];
    }, width);

  it('says how long it took, on what, and what was kept', async () => {
    const training = trainingOf(reports.trained);
    await views.open(reports.trained);
    const text = await section('Training').locator('dl').innerText();
    expect(text).toContain(`3 epochs, ${training.steps}\u00a0steps, to the end`);
    expect(text).toContain('630 learned from; 70 others chose the best weights');
    expect(text).toContain(`after step ${training.bestStep}: accuracy ${percent(training.figure?.value ?? NaN)}`);
    expect(text).toContain(`the original ${percent(training.original ?? NaN)}`);
    expect(text).not.toMatch(/NaN|undefined|null|\u2014/);
  });

  it('counts one epoch as one', async () => {
    await views.open(reports.distilled);
    expect(await section('Training').locator('dl').innerText()).toMatch(/1 epoch, \d+\u00a0steps, to the end/);
  });

  it('draws the figure with the original as a dashed line and what was kept, then loss and learning rate', async () => {
    const { curves, original = NaN, bestStep } = trainingOf(reports.trained);
    await views.open(reports.trained);
    const titles = await section('Training').locator('h3').allInnerTexts();
    expect(titles).toEqual(['Accuracy on the samples for choosing', 'Loss', 'Learning rate']);
    const dashes = await curve(0)
      .locator('.reference')
      .evaluate((line) => getComputedStyle(line).strokeDasharray);
    expect(dashes).not.toBe('none');
    expect(await curve(0).locator('.label').allTextContents()).toEqual([
      `original ${percent(original)}`,
      expect.stringMatching(/^kept /),
    ]);
    // No share lies above 100 %.
    for (const tick of await curve(0).locator('.tick').allTextContents())
      if (tick.endsWith('%')) expect(parseFloat(tick)).toBeLessThanOrEqual(100);
    await curve(0).getByText('The same as a table').click();
    const rows = (await curve(0).locator('tbody tr').allInnerTexts()).map((row) => row.split('\t'));
    expect(rows).toEqual([
      ...curves.selection.map(({ step, value }) => [
        `${count(step)}${step === bestStep ? ' (kept)' : ''}`,
        percent(value),
      ]),
      ['The original', percent(original)],
    ]);
    expect(await curve(0).locator('svg').getAttribute('aria-label')).toMatch(
      /^Accuracy on the samples for choosing from \d.* over \d+\u00a0steps\. Step \d+ was kept, .* The original reaches /,
    );
  });

  it('says on which samples it was trained and tested', async () => {
    await views.open(reports.trained);
    const text = await section('How it was made').innerText();
    expect(text).toMatch(
      /Trained on\s+700\u00a0samples of data\/train\.npz \(700 of 7,000, seed 1\); 630 were learned from, 70 chose the best weights, seed 1/,
    );
    expect(text).toMatch(/Tested on\s+300\u00a0samples of data\/test\.npz/);
    expect(text).not.toContain('Calibrated on');
  });

  it('draws the teacher beside student and original, by accuracy, parameters and bytes', async () => {
    const { before, after, teachers: [teacher] = [] } = reports.distilled;
    expect(teacher?.parameters).toBeGreaterThan(after.parameters);
    await views.open(reports.distilled);
    const chart = views.view.page.locator('edgewise-bubble-chart');
    const circle = async (kind: string) => {
      const [x, y, radius] = await chart
        .locator(`circle.${kind}`)
        .evaluate((drawn) => ['cx', 'cy', 'r'].map((name) => Number(drawn.getAttribute(name))));
      return { x: x ?? NaN, y: y ?? NaN, radius: radius ?? NaN };
    };
    const [taught, teaching] = [await circle('after'), await circle('teacher')];
    expect(teaching.x).toBeGreaterThan(taught.x);
    expect(Math.sign(taught.y - teaching.y)).toBe(Math.sign((teacher?.value ?? NaN) - (after.value ?? NaN)));
    expect((teaching.radius / taught.radius) ** 2).toBeCloseTo((teacher?.bytes ?? NaN) / after.bytes, 4);
    expect((await chart.locator('.label').allTextContents()).map((label) => label.split(',')[0])).toContain('teacher');
    await chart.getByText('The same as a table').click();
    const rows = (await chart.locator('tbody tr').allInnerTexts()).map((row) => row.split('\t').slice(0, 3));
    expect(rows).toEqual([
      ['student.onnx (original)', percent(before.value ?? NaN), count(before.parameters)],
      ['student.distilled.onnx (this report)', percent(after.value ?? NaN), count(after.parameters)],
      ['digits.onnx (teacher)', percent(teacher?.value ?? NaN), count(teacher?.parameters ?? NaN)],
    ]);
  });

  it('suggests another training, with the command for it', async () => {
    await views.open(reports.trained);
    const next = section('What to try next');
    const text = await next.innerText();
    for (const { title, reason } of reports.trained.next) {
      expect(text).toContain(title);
      expect(text).toContain(reason);
    }
    // What was trained is not handed to a search, which does not train.
    expect(text).not.toMatch(/search/i);
  });

  it.each([300, 1000])('fits %i px without scrolling sideways', async (width) => {
    await views.open(reports.distilled, { width });
    await curve(0).locator('svg').waitFor();
    await section('Training').evaluate((element) => element.scrollIntoView());
    await views.view.picture(`report-training-${width}`);
    expect(await beyond(width)).toEqual([]);
  });

  describe.each(THEME_NAMES)('%s', (theme) => {
    it.each([300, 1000])('has nothing for axe to complain about, %i px wide', async (width) => {
      await views.open(reports.distilled, { theme, width });
      for (const summary of await views.view.page.locator('summary').all()) await summary.click();
      expect(await views.view.accessibilityProblems()).toEqual([]);
      await views.view.picture(`report-distilled-${theme}-${width}`);
    });
  });

  describe('as a file of HTML', () => {
    const bundle = (name: string): string => path.resolve(__dirname, '../../out/webview', name);
    const exported = (report: Report): string =>
      reportHtml(report, {
        script: readFileSync(bundle('report.js'), 'utf8'),
        style: existsSync(bundle('report.css')) ? readFileSync(bundle('report.css'), 'utf8') : '',
      });

    it.each([
      ['light', 300],
      ['light', 1000],
      ['dark', 300],
      ['dark', 1000],
    ] as const)('shows the same, legible where the reader prefers %s, %i px wide', async (colorScheme, width) => {
      await views.openFile(exported(reports.distilled), { colorScheme, width });
      await expect.poll(() => section('Training').locator('svg').count()).toBe(3);
      for (const summary of await views.view.page.locator('summary').all()) await summary.click();
      expect(await views.view.accessibilityProblems()).toEqual([]);
      expect(await beyond(width)).toEqual([]);
    });
  });
});
