import { describe, expect, it } from 'vitest';
import { browserFor } from '../browser';
import { sampleReport } from './report-samples';
import { reportViews } from './report-view';
import { HOSTILE_NAME } from './samples';

const browser = browserFor("A report's tables in a browser");

describe.skipIf(browser === null)('tables and samples of a report', () => {
  const reports = reportViews(browser);

  it('shows all metrics, and each class by what became of it', async () => {
    await reports.open();
    const rows = await reports.view.page
      .locator('section')
      .filter({ has: reports.view.page.getByRole('heading', { name: 'Metrics' }) })
      .locator('tbody tr')
      .allInnerTexts();
    expect(rows[1]?.split('\t').slice(0, 3)).toEqual(['top-5', '99.83\u00a0%', '99.81\u00a0%']);
    expect(rows[2]?.split('\t')).toEqual(['KL divergence from the original', '0.00213', '0.00213', '', 'lower']);
    const matrix = reports.view.page.getByRole('region', { name: 'Labels and answers, after' });
    const { confusion } = sampleReport().after.classes ?? {};
    const figures = await matrix.locator('tbody tr').first().locator('td').allInnerTexts();
    expect(figures.map((text) => (text === '·' ? 0 : Number(text)))).toEqual(confusion?.[0]);
  });

  describe('layers', () => {
    const noises = async (): Promise<number[]> =>
      (await reports.view.page.locator('td.noise').allInnerTexts())
        .filter((text) => text.includes('dB'))
        .map((text) => parseFloat(text));

    it('lists the most damaged first, and all on demand', async () => {
      await reports.open();
      const shown = await noises();
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      await reports.view.page.getByRole('button', { name: /More Layers/ }).click();
      const { layers } = sampleReport();
      expect(await reports.view.page.locator('.damage-table tbody tr').count()).toBe(layers.length);
      expect(await reports.view.page.locator('td.noise').last().innerText()).toBe('unchanged');
    });

    it('sorts by its headers', async () => {
      await reports.open();
      const after = reports.view.page.locator('.damage-table').getByRole('columnheader', { name: 'After' });
      await after.getByRole('button').click();
      expect(await after.getAttribute('aria-sort')).toBe('descending');
      const largest = Math.max(...sampleReport().layers.map(({ bytesAfter }) => bytesAfter));
      expect(await reports.view.page.locator('td.after').first().innerText()).toBe(
        `${(largest / 1000).toFixed(1)}\u00a0KB`,
      );
    });
  });

  it('shows the samples whose answer changed, and counts them', async () => {
    await reports.open();
    const { changed } = sampleReport();
    const gallery = reports.view.page
      .locator('section')
      .filter({ has: reports.view.page.getByRole('heading', { name: 'Answers that changed' }) });
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
    await reports.open(sampleReport({ verdict: HOSTILE_NAME, changed: { total: 1, shown: [elsewhere] } }));
    expect(await reports.view.page.locator('img').count()).toBe(0);
    expect(await reports.view.page.locator('h1').textContent()).toBe(HOSTILE_NAME);
    expect(await reports.view.page.title()).toBe('report');
  });
});
