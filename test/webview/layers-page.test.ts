import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelSummary } from '../../src/core/analysis/summary.schema';
import { browserFor } from '../browser';
import { Harness, type OpenOptions, type Webview } from './harness';
import {
  convolution,
  dense,
  HOSTILE_NAME,
  hostileNetwork,
  hugeNetwork,
  model,
  residualNetwork,
  statisticsOf,
} from './samples';

const browser = browserFor('The Layers view in a browser');

describe.skipIf(browser === null)('Layers view', () => {
  let harness: Harness;
  let view: Webview;

  beforeAll(async () => {
    harness = await Harness.start(browser ?? '');
  });
  afterAll(() => harness.stop());
  afterEach(() => view.close());

  const small = (): ModelSummary =>
    model([
      convolution('conv1', 3, 16, 3, 32),
      convolution('layer1.0.conv1', 16, 16, 3, 32),
      convolution('layer1.0.conv2', 16, 16, 3, 32),
      convolution('layer1.1.conv1', 16, 16, 3, 32),
      dense('fc', 16, 10),
    ]);

  async function open(summary: ModelSummary, options: OpenOptions = {}): Promise<void> {
    view = await harness.open('layers', { width: 480, height: 600, ...options });
    await show(summary, 1);
  }

  const show = (summary: ModelSummary, generation: number, changes: string[] = []): Promise<void> =>
    view.send({ type: 'model', generation, file: 'small.onnx', summary, changes });

  const labels = (): Promise<string[]> => view.page.locator('.row .label').allTextContents();
  const row = (id: string) => view.page.locator(`.row[data-id="${id}"]`);
  const filter = () => view.page.getByRole('textbox', { name: 'Filter layers by name or operator' });
  const focused = (): Promise<string | null> =>
    view.page.evaluate(() => document.activeElement?.getAttribute('data-id') ?? null);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      await view.page.keyboard.press(key);
      await view.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    }
  };

  describe('what it shows', () => {
    it('says that it is ready, then builds a tree of module paths with sums', async () => {
      await open(small());
      expect(await view.posted()).toEqual([{ type: 'ready' }]);
      expect(await labels()).toEqual(['conv1', 'layer1', '0', 'conv1', 'conv2', '1', 'conv1', 'fc']);
      expect(await row('layer1').locator('[aria-colindex="2"]').textContent()).toBe('6.9\u00a0K');
      expect(await row('layer1').locator('[aria-colindex="2"]').getAttribute('title')).toBe('6,912 parameters');
      expect(await row('layer1.0.conv1').locator('[aria-colindex="3"]').textContent()).toBe('9.2');
      expect(await view.page.locator('header').textContent()).toContain('small.onnx');
    });

    it('shows statistics as they arrive, and those of folders once all have come', async () => {
      await open(small());
      const statistics = statisticsOf(small());
      const before = await row('layer1.0.conv2').boundingBox();
      await view.send({ type: 'statistics', generation: 1, layers: statistics.slice(0, 2), done: false });
      expect(await view.page.locator('.row .histogram').count()).toBe(2);
      expect(await row('layer1').locator('.mean').count()).toBe(0);
      await view.send({ type: 'statistics', generation: 1, layers: statistics.slice(2), done: true });
      expect(await view.page.locator('.row .histogram').count()).toBe(5);
      expect(await row('layer1').locator('.mean').count()).toBe(1);
      expect(await row('layer1.0.conv2').boundingBox()).toEqual(before);
    });

    it('marks a suggestion as an estimate, with its reason in the tooltip', async () => {
      await open(small());
      const [first] = statisticsOf(small());
      if (!first) throw new Error('no statistics');
      const suggestion = {
        fraction: 0.25,
        unit: 'filters',
        remove: 4,
        of: 16,
        reason: 'Four are near zero.',
        basis: 'estimate',
      };
      await view.send({ type: 'statistics', generation: 1, layers: [{ ...first, suggestion }], done: false });
      const cell = row('conv1').locator('[aria-colindex="6"]');
      expect(await cell.textContent()).toBe('25\u00a0%');
      expect(await cell.locator('.bar.estimate').count()).toBe(1);
      expect(await cell.getAttribute('title')).toBe('Estimate: remove 4 of 16 filters.\nFour are near zero.');
    });

    it('ignores statistics of an earlier reading, and messages of no schema', async () => {
      await open(small());
      await show(small(), 2);
      await view.send({ type: 'statistics', generation: 1, layers: statisticsOf(small()), done: true });
      await view.send({ type: 'statistics', generation: 2, layers: [{ layer: 'conv1' }], done: true });
      await view.send('nonsense');
      expect(await view.page.locator('.row .histogram').count()).toBe(0);
    });

    it('says what changed since the last reading, until it is dismissed', async () => {
      await open(small());
      await show(small(), 2, ['conv1: 12 % of the weights changed.']);
      expect(await view.page.locator('.changes').textContent()).toContain('12 % of the weights changed');
      await view.page.getByRole('button', { name: 'Dismiss' }).click();
      expect(await view.page.locator('.changes').count()).toBe(0);
    });

    it('offers a model or the example when none is open', async () => {
      await open(small());
      await view.send({ type: 'empty' });
      await view.page.getByRole('button', { name: 'Open Model…' }).click();
      await view.page.getByRole('button', { name: 'Open Example' }).click();
      expect((await view.posted()).slice(1)).toEqual([
        { type: 'action', action: 'open-model' },
        { type: 'action', action: 'open-example' },
      ]);
    });

    it('shows a problem as its sentence', async () => {
      await open(small());
      await view.send({
        type: 'problem',
        message: 'small.onnx: the file ends 3 KB early. Was the download interrupted?',
      });
      expect(await view.page.getByRole('alert').textContent()).toContain('the file ends 3 KB early');
      await show(small(), 2);
      expect(await view.page.getByRole('alert').count()).toBe(0);
    });

    it('shows names as text, whatever they hold', async () => {
      await open(hostileNetwork());
      expect(await labels()).toContain(HOSTILE_NAME);
      expect(await view.page.title()).toBe('layers');
      expect(await view.page.locator('edgewise-layer-tree img, edgewise-layer-tree script').count()).toBe(0);
      const deepest = await view.page
        .locator('.row')
        .evaluateAll((rows) => Math.max(...rows.map((at) => Number(at.getAttribute('aria-level')))));
      expect(deepest).toBeLessThan(40);
    });
  });

  describe('keyboard', () => {
    it('walks rows with Up, Down, Home and End, and selects what it reaches', async () => {
      await open(small());
      await row('conv1').click();
      await press('ArrowDown', 'ArrowDown');
      expect(await focused()).toBe('layer1.0');
      await press('End');
      expect(await focused()).toBe('fc');
      await press('ArrowUp');
      expect(await focused()).toBe('layer1.1.conv1');
      await press('Home');
      expect(await focused()).toBe('conv1');
      expect((await view.posted()).filter((message) => JSON.stringify(message).includes('select'))).toEqual(
        ['conv1', 'fc', 'layer1.1.conv1', 'conv1'].map((layer) => ({ type: 'select', layer })),
      );
    });

    it('expands and enters with Right, collapses and leaves with Left', async () => {
      await open(small());
      await row('layer1.0.conv2').click();
      await press('ArrowLeft');
      expect(await focused()).toBe('layer1.0');
      await press('ArrowLeft');
      expect(await row('layer1.0').getAttribute('aria-expanded')).toBe('false');
      expect(await labels()).toEqual(['conv1', 'layer1', '0', '1', 'conv1', 'fc']);
      await press('ArrowRight');
      expect(await row('layer1.0').getAttribute('aria-expanded')).toBe('true');
      await press('ArrowRight');
      expect(await focused()).toBe('layer1.0.conv1');
      await press('ArrowLeft', 'ArrowLeft', 'ArrowLeft');
      expect(await focused()).toBe('layer1');
    });

    it('expands all siblings with *', async () => {
      await open(small());
      await row('layer1.0').locator('.twistie').click();
      await row('layer1.1').locator('.twistie').click();
      await row('layer1').locator('.label').click();
      await row('layer1').locator('.label').click();
      await press('ArrowDown', '*');
      expect(await labels()).toEqual(['conv1', 'layer1', '0', 'conv1', 'conv2', '1', 'conv1', 'fc']);
    });

    it('jumps by typed letters, and reveals with Enter', async () => {
      await open(small());
      await row('conv1').click();
      await press('l', 'a');
      expect(await focused()).toBe('layer1');
      await press('Home');
      await view.page.waitForTimeout(800);
      await press('f', 'Enter');
      expect(await focused()).toBe('fc');
      expect((await view.posted()).at(-1)).toEqual({ type: 'reveal', layer: 'fc' });
    });

    it('has one row in the tab order', async () => {
      await open(small());
      expect(await view.page.locator('.row[tabindex="0"]').count()).toBe(1);
      await row('fc').click();
      expect(await view.page.locator('.row[tabindex="0"]').getAttribute('data-id')).toBe('fc');
    });

    it('goes from the filter into the tree with Down, and clears the filter with Escape', async () => {
      await open(small());
      await filter().fill('gemm');
      expect(await labels()).toEqual(['fc']);
      await press('ArrowDown');
      expect(await focused()).toBe('fc');
      await filter().focus();
      await press('Escape');
      expect(await labels()).toHaveLength(8);
    });
  });

  describe('filter', () => {
    it('keeps matches with what stands above them, and marks the match', async () => {
      await open(small());
      await filter().fill('0.conv2');
      expect(await labels()).toEqual(['layer1', '0', 'conv2']);
      expect(await view.page.locator('mark').allTextContents()).toEqual(['conv2']);
      expect(await view.page.getByRole('status').textContent()).toContain('1\u00a0layer found');
    });

    it('says when nothing matches', async () => {
      await open(small());
      await filter().fill('attention');
      expect(await view.page.getByRole('status').textContent()).toContain('No layer has that name or operator.');
      expect(await view.page.locator('.row').count()).toBe(0);
    });
  });

  describe('selection from elsewhere', () => {
    it('opens the way to the layer and selects it, without an answer', async () => {
      await open(residualNetwork());
      await view.send({ type: 'select', layer: 'layer3.4.conv2' });
      expect(await row('layer3.4.conv2').getAttribute('aria-selected')).toBe('true');
      const box = await row('layer3.4.conv2').boundingBox();
      expect(box && box.y > 0 && box.y < 600).toBe(true);
      expect(await view.posted()).toEqual([{ type: 'ready' }]);
    });
  });

  describe('state', () => {
    it('keeps expansion, selection, filter and scroll position over a reload of the page', async () => {
      await open(residualNetwork());
      for (const id of ['layer2', 'layer2.0', 'layer2.1', 'layer2.2']) {
        if ((await row(id).getAttribute('aria-expanded')) === 'false') await row(id).locator('.twistie').click();
      }
      await view.send({ type: 'select', layer: 'layer2.2.conv2' });
      await view.page.locator('.scroller').evaluate((scroller) => scroller.scrollTo({ top: 200 }));
      await view.page.waitForTimeout(300);
      const state = await view.savedState();
      const seen = await labels();
      await view.close();

      view = await harness.open('layers', { width: 480, height: 600, state });
      await show(residualNetwork(), 9);
      expect(await labels()).toEqual(seen);
      expect(await view.page.locator('.scroller').evaluate((scroller) => scroller.scrollTop)).toBe(200);
      expect(await row('layer2.2.conv2').getAttribute('aria-selected')).toBe('true');
    });

    it('keeps them when the model is read again, although rows came before them', async () => {
      await open(residualNetwork());
      await row('layer2').locator('.twistie').click();
      await view.send({ type: 'select', layer: 'layer2.3.conv1' });
      await view.page.locator('.scroller').evaluate((scroller) => scroller.scrollTo({ top: 110 }));
      await view.page.waitForTimeout(100);
      const before = await row('layer2.3.conv1').boundingBox();
      const again = residualNetwork();
      await show({ ...again, layers: [convolution('stem', 3, 3, 3, 32), ...again.layers] }, 2);
      expect(await row('layer2.3.conv1').getAttribute('aria-selected')).toBe('true');
      expect(await row('layer2.3.conv1').boundingBox()).toEqual(before);
    });

    it('knows each file as it was left, while the page lives', async () => {
      await open(small());
      await row('layer1').locator('.twistie').click();
      await filter().fill('conv');
      await view.send({ type: 'model', generation: 2, file: 'other.onnx', summary: residualNetwork(), changes: [] });
      expect(await filter().inputValue()).toBe('');
      await show(small(), 3);
      expect(await filter().inputValue()).toBe('conv');
      await filter().fill('');
      expect(await labels()).toEqual(['conv1', 'layer1', 'fc']);
    });

    it('keeps a file as it was left although another is shown first after a reload', async () => {
      await open(small());
      await row('layer1').locator('.twistie').click();
      await filter().fill('conv');
      await view.page.waitForTimeout(300);
      let state = await view.savedState();
      await view.close();
      for (const shown of ['other.onnx', null]) {
        view = await harness.open('layers', { state });
        if (shown === null) await show(small(), 9);
        else await view.send({ type: 'model', generation: 9, file: shown, summary: residualNetwork(), changes: [] });
        await view.page.waitForTimeout(300);
        state = await view.savedState();
        if (shown !== null) await view.close();
      }
      expect(await filter().inputValue()).toBe('conv');
      await filter().fill('');
      expect(await labels()).toEqual(['conv1', 'layer1', 'fc']);
    });

    it('keeps statistics, and what was dismissed, when it is told the same reading again', async () => {
      await open(small());
      await show(small(), 2, ['fc changed.']);
      await view.send({ type: 'statistics', generation: 2, layers: statisticsOf(small()), done: true });
      await view.page.getByRole('button', { name: 'Dismiss' }).click();
      await show(small(), 2, ['fc changed.']);
      expect(await view.page.locator('.row .histogram').count()).toBe(5);
      expect(await view.page.locator('.changes').count()).toBe(0);
    });

    it('starts afresh for another file, and for a state that it does not know', async () => {
      view = await harness.open('layers', { state: { from: 'another build' } });
      await show(small(), 1);
      expect(await view.page.locator('.row').count()).toBe(8);
    });
  });

  describe('20,000 layers', () => {
    it('keeps few rows in the DOM, each at its place, while it scrolls', async () => {
      await open(hugeNetwork(20_000), { width: 300, height: 1000 });
      await row('stage0').click();
      await press('*');
      await filter().fill('conv');
      const expected = 20_000 + 50 + 50 * 20;
      const grid = view.page.getByRole('treegrid');
      expect(await grid.getAttribute('aria-rowcount')).toBe(String(expected + 1));

      const { mostRows, wrong, slow, frames, p95 } = await view.page.evaluate(scriptedScroll, {
        steps: 150,
        step: 330,
      });
      expect(mostRows).toBeLessThanOrEqual(120);
      expect(wrong).toEqual([]);
      console.log(
        `20,000 layers: ${frames - slow} of ${frames} frames under 16 ms of script, 95 % under ${p95.toFixed(1)} ms.`,
      );
    });

    it('keeps the focus when the focused row scrolls out of view, and goes on from it', async () => {
      await open(hugeNetwork(20_000), { width: 300, height: 600 });
      await row('stage0').click();
      await press('*', 'ArrowDown');
      const from = await focused();
      await view.page.locator('.scroller').evaluate((scroller) => scroller.scrollTo({ top: 15_000 }));
      await view.page.waitForTimeout(200);
      expect(await focused()).toBe(from);
      await press('ArrowDown');
      expect(await focused()).not.toBe(from);
      expect(await view.page.locator('.row:focus').evaluate((at) => at.getBoundingClientRect().top > 0)).toBe(true);
      await press('End');
      expect(await view.page.locator('.row:focus').getAttribute('aria-rowindex')).toBe(
        await view.page.getByRole('treegrid').getAttribute('aria-rowcount'),
      );
    });
  });
});

/**
 * Runs in the page: scrolls a step a frame. A frame's script runs from its scroll event, before any listener of the
 * page, until its animation callbacks, which come after everything that the event set off.
 */
async function scriptedScroll({ steps, step }: { steps: number; step: number }): Promise<{
  mostRows: number;
  wrong: string[];
  slow: number;
  frames: number;
  p95: number;
}> {
  const scroller = document.querySelector('.scroller');
  if (!scroller) throw new Error('no scroller');
  let start = 0;
  window.addEventListener('scroll', () => (start = performance.now()), { capture: true });
  const times: number[] = [];
  const wrong: string[] = [];
  let mostRows = 0;
  for (let at = 0; at < steps; at++) {
    start = 0;
    scroller.scrollTop += step;
    const end = await new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
    if (start > 0) times.push(end - start);
    const rows = [...document.querySelectorAll<HTMLElement>('.row')];
    mostRows = Math.max(mostRows, rows.length);
    const top = scroller.getBoundingClientRect().top - scroller.scrollTop;
    for (const row of rows) {
      const place = (row.getBoundingClientRect().top - top) / 22;
      if (Math.abs(place - (Number(row.getAttribute('aria-rowindex')) - 1)) > 0.1) wrong.push(row.dataset['id'] ?? '');
    }
  }
  times.sort((a, b) => a - b);
  const p95 = times[Math.floor(times.length * 0.95)] ?? 0;
  return { mostRows, wrong, slow: times.filter((time) => time >= 16).length, frames: times.length, p95 };
}
