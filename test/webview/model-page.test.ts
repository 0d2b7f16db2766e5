import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compressionChoices } from '../../src/core/analysis/compression-choices';
import type { ModelSummary } from '../../src/core/analysis/summary.schema';
import { browserFor } from '../browser';
import { Harness, type OpenOptions, type Webview } from './harness';
import {
  convolution,
  dense,
  HOSTILE_NAME,
  hostileNetwork,
  hugeNetwork,
  layer,
  model,
  residualNetwork,
} from './samples';

const browser = browserFor('The model editor in a browser');

describe.skipIf(browser === null)('model editor', () => {
  let harness: Harness;
  let view: Webview;

  beforeAll(async () => {
    harness = await Harness.start(browser ?? '');
  });
  afterAll(() => harness.stop());
  afterEach(() => view.close());

  async function open(summary: ModelSummary, options: OpenOptions = {}): Promise<void> {
    view = await harness.open('model', { width: 1000, height: 700, ...options });
    const choices = compressionChoices(summary, { data: false }).map(({ id, title, estimatedBytes }) => {
      return { id, title, estimatedBytes };
    });
    await view.send({ type: 'model', generation: 1, file: 'resnet.onnx', summary, changes: [], choices });
  }

  const tab = async (name: string): Promise<void> => {
    await view.page.getByRole('tab', { name }).click();
    await view.page.waitForTimeout(50);
  };
  const names = (): Promise<string[]> => view.page.locator('.row .name').allTextContents();
  const header = (name: string) => view.page.getByRole('columnheader', { name });
  const filter = () => view.page.getByRole('textbox', { name: 'Filter layers by name or operator' });

  describe('Overview', () => {
    it('says what the model is and how big', async () => {
      await open(residualNetwork());
      const facts = await view.page.locator('.facts').innerText();
      expect(facts).toContain('ONNX · IR 8 · opset 17');
      expect(facts).toContain('pytorch 2.13.0');
      expect(facts).toContain('image [batch, 3, 32, 32] float32');
      expect(facts).toContain('logits [batch, 10] float32');
      const { parameters } = residualNetwork();
      const total = view.page.locator('.totals li').first();
      expect(await total.getAttribute('title')).toContain(`${parameters.toLocaleString('en-US')} parameters`);
    });

    it('says which dimension needs a value where figures are unknown', async () => {
      await open({ ...residualNetwork(), macs: null, peakActivationBytes: null, symbols: ['batch', 'sequence'] });
      expect(await view.page.locator('.totals').innerText()).toContain('MACs: needs a value for batch, sequence');
    });

    it('shows where the bytes are, the heaviest module first', async () => {
      await open(residualNetwork());
      const modules = await view.page.locator('.modules .value').allTextContents();
      expect(modules.slice(0, 3)).toEqual(['layer4', 'layer3', 'layer2']);
    });

    it('finds what is true of the model, and marks what it only computed', async () => {
      await open(residualNetwork());
      const findings = await view.page.locator('.findings li').allInnerTexts();
      expect(findings.join('\n')).toContain('52\u00a0batch normalizations are layers of their own');
      const float = findings.find((text) => text.includes('100\u00a0% of the weights are float32'));
      expect(float).toContain('estimate');
      expect(float).toMatch(/As int8 the file would be about [\d.]+.MB, with a 4-bit palette [\d.]+.MB\./);
    });

    it('finds nothing where there is nothing', async () => {
      const int8 = { kind: 'affine', bits: 8, signed: true, axis: 0, block: null } as const;
      const quantized = ['a', 'b', 'c', 'd'].map((name) => {
        const made = dense(name, 16, 16);
        const weights = made.weights.map((weight) => ({
          ...weight,
          encoding: int8,
          encodingLabel: 'int8 per channel',
        }));
        return { ...made, weights };
      });
      await open(model(quantized));
      expect(await view.page.locator('.findings li').allInnerTexts()).toEqual([
        '100\u00a0% of the weights are compressed already: int8 per channel.',
      ]);
    });

    it('has buttons for what can be done', async () => {
      await open(residualNetwork());
      await view.page.getByRole('button', { name: 'Compress…' }).click();
      await view.page.getByRole('button', { name: 'Evaluate…' }).click();
      expect((await view.posted()).slice(1)).toEqual([
        { type: 'action', action: 'compress' },
        { type: 'action', action: 'evaluate' },
      ]);
    });

    it('shows a problem as its sentence, with the way to the text', async () => {
      await open(residualNetwork());
      await view.send({ type: 'problem', message: 'resnet.onnx is an HTML page. Download the model itself.' });
      expect(await view.page.getByRole('alert').textContent()).toContain('resnet.onnx is an HTML page');
      await view.page.getByRole('button', { name: 'Open as Text' }).click();
      expect((await view.posted()).at(-1)).toEqual({ type: 'action', action: 'open-as-text' });
    });
  });

  describe('Layers', () => {
    const three = (): ModelSummary =>
      model([
        dense('fc10', 64, 10),
        convolution('conv2', 3, 16, 3, 8),
        layer('conv10', { operator: 'Custom', outputShape: null, macs: null }),
      ]);

    it('lists layers in the order of the model, with exact figures in tooltips', async () => {
      await open(three());
      await tab('Layers');
      expect(await names()).toEqual(['fc10', 'conv2', 'conv10']);
      const cells = view.page.locator('.row').first().getByRole('gridcell');
      expect(await cells.allInnerTexts()).toEqual([
        'Gemm 64 -> 10',
        '[batch, 10]',
        '650',
        '2.6\u00a0KB',
        '640',
        'float32',
      ]);
      expect(await cells.nth(3).getAttribute('title')).toBe('2,600 bytes');
    });

    it('sorts by any column, numbers from the largest, unknown ones last', async () => {
      await open(three());
      await tab('Layers');
      await header('MACs').getByRole('button').click();
      expect(await names()).toEqual(['conv2', 'fc10', 'conv10']);
      expect(await header('MACs').getAttribute('aria-sort')).toBe('descending');
      await header('MACs').getByRole('button').click();
      expect(await names()).toEqual(['fc10', 'conv2', 'conv10']);
      await header('Name').getByRole('button').click();
      expect(await names()).toEqual(['conv2', 'conv10', 'fc10']);
      expect(await header('Name').getAttribute('aria-sort')).toBe('ascending');
      expect(await header('MACs').getAttribute('aria-sort')).toBe('none');
    });

    it('filters by name and operator', async () => {
      await open(three());
      await tab('Layers');
      await filter().fill('conv');
      expect(await names()).toEqual(['conv2', 'conv10']);
      expect(await view.page.getByRole('status').textContent()).toBe('2 of 3\u00a0layers');
      await filter().fill('custom');
      expect(await names()).toEqual(['conv10']);
    });

    it('tells of a selection, and follows one from elsewhere', async () => {
      await open(residualNetwork());
      await tab('Layers');
      await view.page.locator('.row').nth(2).click();
      await view.page.keyboard.press('ArrowDown');
      const posted = (await view.posted()).slice(1);
      expect(posted).toEqual([
        { type: 'select', layer: 'layer1.0.conv1' },
        { type: 'select', layer: 'layer1.0.bn1' },
      ]);
      await view.send({ type: 'select', layer: 'layer4.5.conv2' });
      const selected = view.page.locator('.row[aria-selected="true"]');
      expect(await selected.getAttribute('data-key')).toBe('layer4.5.conv2');
      const box = await selected.boundingBox();
      expect(box && box.y > 100 && box.y < 700).toBe(true);
      expect((await view.posted()).slice(1)).toEqual(posted);
    });

    it('copies the rows as CSV, with exact figures and no formulas', async () => {
      await open(model([dense('fc', 64, 10), { ...dense('=cmd()', 4, 2), detail: 'a "b", c' }]));
      await tab('Layers');
      await view.page.getByRole('button', { name: 'Copy as CSV' }).click();
      await view.page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await view.page.evaluate(() => navigator.clipboard.readText())).toBe(
        [
          'name,operator,detail,output shape,parameters,bytes,MACs,stored as',
          'fc,Gemm,64 -> 10,"[batch, 10]",650,2600,640,float32',
          '\'=cmd(),Gemm,"a ""b"", c","[batch, 2]",10,40,8,float32',
          '',
        ].join('\r\n'),
      );
    });

    it('keeps tab, order, filter and selection over a reload', async () => {
      await open(residualNetwork());
      await tab('Layers');
      await filter().fill('conv');
      await header('Size').getByRole('button').click();
      await view.page.locator('.row').nth(3).click();
      const seen = await names();
      await view.page.waitForTimeout(300);
      const state = await view.savedState();
      await view.close();
      await open(residualNetwork(), { state });
      expect(await names()).toEqual(seen);
      expect(await header('Size').getAttribute('aria-sort')).toBe('descending');
      expect(await view.page.locator('.row').nth(3).getAttribute('aria-selected')).toBe('true');
    });

    it('keeps few of 20,000 rows in the DOM, numbered right', async () => {
      await open(hugeNetwork(20_000), { height: 1000 });
      await tab('Layers');
      expect(await view.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('20001');
      await view.page.locator('.row').first().click();
      await view.page.keyboard.press('End');
      await view.page.waitForTimeout(200);
      expect(await view.page.locator('.row:focus').getAttribute('aria-rowindex')).toBe('20001');
      expect(await view.page.locator('.row').count()).toBeLessThanOrEqual(120);
    });

    it('shows names as text, whatever they hold', async () => {
      await open(hostileNetwork());
      await tab('Layers');
      expect(await names()).toContain(HOSTILE_NAME);
      expect(await view.page.title()).toBe('model');
      expect(await view.page.locator('edgewise-data-grid img').count()).toBe(0);
    });
  });
});
