import { describe, expect, it } from 'vitest';
import { browserFor } from '../browser';
import { sampleFront, sampleReport } from './report-samples';
import { reportViews } from './report-view';

const browser = browserFor("A report's charts in a browser");

describe.skipIf(browser === null)('charts of a report', () => {
  const reports = reportViews(browser);

  const card = (title: string) =>
    reports.view.page
      .locator('.card')
      .filter({ has: reports.view.page.getByRole('heading', { name: title, exact: true }) });

  it('draws bars in the proportion of the figures', async () => {
    await reports.open();
    const shares = await card('Size')
      .locator('.bar')
      .evaluateAll((bars) => bars.map((bar) => getComputedStyle(bar).getPropertyValue('--share')));
    expect(shares.map(Number)).toEqual([1, 213_604 / 705_113]);
  });

  describe('where the bytes are', () => {
    it('is a bar of parts that are as long as their bytes, with the figures as a table', async () => {
      await reports.open();
      const section = reports.view.page
        .locator('section')
        .filter({ has: reports.view.page.getByRole('heading', { name: 'Where the' }) });
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
      await reports.open(sampleReport(sampleFront()));
      const chart = reports.view.page.locator('edgewise-pareto-chart');
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
      await reports.open(sampleReport(sampleFront()));
      const points = reports.view.page.locator('edgewise-pareto-chart .point');
      await points.first().focus();
      await reports.view.page.keyboard.press('ArrowRight');
      const focused = reports.view.page.locator('.point:focus');
      expect(await focused.getAttribute('aria-label')).toBe(
        'palette of 3 bits, layer4 int4: 91.48\u00a0%, 104,812 bytes',
      );
      expect(await reports.view.page.locator('edgewise-pareto-chart .point[tabindex="0"]').count()).toBe(1);
      await reports.view.page.keyboard.press('ArrowLeft');
      await reports.view.page.keyboard.press('ArrowLeft');
      expect(await focused.getAttribute('aria-label')).toMatch(/^palette of 3 bits everywhere/);
    });

    it('without a search shows the models that are known', async () => {
      await reports.open();
      expect(await reports.view.page.locator('edgewise-pareto-chart .point').count()).toBe(4);
    });
  });

  it('draws histograms of weights when they are asked for, and says what they show', async () => {
    await reports.open();
    const histograms = reports.view.page.locator('edgewise-distributions svg');
    expect(await histograms.count()).toBe(0);
    await reports.view.page.getByText(/^Histograms of/).click();
    expect(await histograms.count()).toBe(12);
    expect(await histograms.first().getAttribute('aria-label')).toMatch(
      /^conv1: weights from -0\.\d+ to 0\.\d+, in \d+ of 64 bins before and \d+ after$/,
    );
    await reports.view.page.locator('edgewise-distributions').getByRole('button').click();
    expect(await histograms.count()).toBe(sampleReport().distributions?.length);
  });

  it('lists ranges of activations, the widest first, on one scale', async () => {
    await reports.open();
    const widths = await reports.view.page.locator('.ranges .span').evaluateAll((bars) =>
      bars.map((bar) => {
        const style = getComputedStyle(bar);
        return Number(style.getPropertyValue('--high')) - Number(style.getPropertyValue('--low'));
      }),
    );
    expect(widths).toHaveLength(12);
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });

  describe('bubble chart', () => {
    it('draws both models and the others, with areas in the proportion of the bytes', async () => {
      await reports.open();
      const radius = async (kind: string): Promise<number> =>
        Number(await reports.view.page.locator(`edgewise-bubble-chart circle.${kind}`).first().getAttribute('r'));
      expect(await reports.view.page.locator('edgewise-bubble-chart circle').count()).toBe(4);
      expect((await radius('after')) ** 2 / (await radius('before')) ** 2).toBeCloseTo(213_604 / 705_113, 5);
    });

    it('puts more parameters to the right and more accuracy up', async () => {
      await reports.open();
      const place = async (kind: string): Promise<{ x: number; y: number }> => {
        const circle = reports.view.page.locator(`edgewise-bubble-chart circle.${kind}`).last();
        return { x: Number(await circle.getAttribute('cx')), y: Number(await circle.getAttribute('cy')) };
      };
      const [before, after] = [await place('before'), await place('after')];
      expect(after.x).toBe(before.x);
      expect(after.y).toBeGreaterThan(before.y);
    });

    it('has the same figures as a table', async () => {
      await reports.open();
      await reports.view.page.locator('edgewise-bubble-chart').getByText('The same as a table').click();
      const rows = await reports.view.page.locator('edgewise-bubble-chart tbody tr').allInnerTexts();
      expect(rows.map((row) => row.split('\t'))).toEqual([
        ['resnet14.onnx (original)', '93.41\u00a0%', '175,066', '705\u00a0KB'],
        ['resnet14.int8.onnx (this report)', '93.34\u00a0%', '175,066', '214\u00a0KB'],
        ['resnet14.float16.onnx', '93.41\u00a0%', '175,066', '356\u00a0KB'],
        ['resnet14.pruned.onnx', '92.88\u00a0%', '96,210', '389\u00a0KB'],
      ]);
    });
  });
});
