import { encode } from 'fast-png';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DataPreview, PreviewSample } from '../../src/protocol/data-preview';
import { browserFor } from '../browser';
import { Harness, type OpenOptions, type Webview } from './harness';
import { THEME_NAMES } from './themes';

const browser = browserFor('The preview of data in a browser');

const gradient = (): string => {
  const data = Uint8Array.from({ length: 784 }, (_, at) => (at * 255) / 783);
  const png = encode({ width: 28, height: 28, channels: 1, depth: 8, data });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
};

const sample = (change: Partial<PreviewSample> = {}): PreviewSample => ({
  index: 4,
  seen: gradient(),
  original: null,
  minimum: 0,
  maximum: 1,
  mean: 0.31,
  label: '7',
  answer: '7',
  confidence: 0.987,
  ...change,
});

const preview = (change: Partial<DataPreview> = {}): DataPreview => ({
  model: 'digits.onnx',
  source: 'test.npz',
  total: 2500,
  input: { name: 'image', dtype: 'float32', shape: [1, 28, 28] },
  preparation: '28 x 28 pixels, gray, times 1/255',
  notes: ['Bytes of input image are divided by 255.'],
  reason: null,
  samples: [sample(), sample({ index: 9, answer: '1', confidence: 0.5 })],
  ...change,
});

describe.skipIf(browser === null)('the preview of data', () => {
  let harness: Harness;
  let view: Webview;

  beforeAll(async () => {
    harness = await Harness.start(browser ?? '');
  });
  afterAll(() => harness.stop());
  afterEach(() => view.close());

  async function open(message: unknown, options: OpenOptions = {}): Promise<void> {
    view = await harness.open('data', options);
    await view.send(message);
  }

  it('says how many answers are right, and marks those that are not', async () => {
    await open({ type: 'preview', preview: preview() });
    expect(await view.page.locator('h1').innerText()).toBe('digits.onnx answers 1 of 2\u00a0samples right');
    const items = view.page.locator('li');
    expect(await items.count()).toBe(2);
    expect(await items.nth(1).innerText()).toMatch(/1 50\s%\s+label 7, wrong/);
    expect(await items.nth(0).locator('img').getAttribute('alt')).toBe('Sample 4, as the model takes it');
  });

  it('says how samples are prepared, and offers to look for another way', async () => {
    await open({ type: 'preview', preview: preview() });
    expect(await view.page.locator('header').innerText()).toContain('Prepared: 28 x 28 pixels, gray, times 1/255');
    await view.page.getByText('Find Preprocessing…').click();
    expect(await view.posted()).toContainEqual({ type: 'action', action: 'find-preprocessing' });
  });

  it('says why there are no answers, and shows the values all the same', async () => {
    const samples = [sample({ answer: null, confidence: null, label: null, seen: null })];
    await open({ type: 'preview', preview: preview({ reason: 'No output is class scores.', samples }) });
    expect(await view.page.locator('h1').innerText()).toBe('What digits.onnx takes. No output is class scores.');
    expect(await view.page.locator('.no-picture').innerText()).toBe('sample 4');
  });

  it('says what is wrong, and offers other data', async () => {
    await open({ type: 'problem', message: 'samples.npz has no array named like an input.' });
    expect(await view.page.getByRole('alert').innerText()).toBe('samples.npz has no array named like an input.');
    await view.page.getByText('Use Other Data…').click();
    await view.page.getByText('Copy Python Snippet').click();
    expect(await view.posted()).toEqual([
      { type: 'ready' },
      { type: 'action', action: 'other-data' },
      { type: 'action', action: 'copy-snippet' },
    ]);
  });

  it('shows names of files and classes as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    await open({ type: 'preview', preview: preview({ source: hostile, samples: [sample({ label: hostile })] }) });
    expect(await view.page.locator('img[src="x"]').count()).toBe(0);
    expect(await view.page.locator('main').innerText()).toContain(hostile);
  });

  it.each(THEME_NAMES)('has nothing for axe to complain about: %s', async (theme) => {
    await open({ type: 'preview', preview: preview() }, { theme, width: 400 });
    expect(await view.accessibilityProblems()).toEqual([]);
  });
});
