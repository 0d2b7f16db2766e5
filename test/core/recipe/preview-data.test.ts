import { decode } from 'fast-png';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDigits } from '../../../scripts/digits.mjs';
import { quietContext } from '../../../src/core/progress';
import { previewData } from '../../../src/core/recipe/preview/preview-data';
import type { DataPreview } from '../../../src/core/recipe/preview/preview.schema';
import { tensorPicture } from '../../../src/core/recipe/preview/tensor-picture';
import { scratchFolder } from '../formats/scratch';

const model = path.resolve(__dirname, '../../../examples/digits/digits.onnx');

describe('a preview of data', () => {
  const folder = scratchFolder();
  let preview: DataPreview;

  beforeAll(async () => {
    await makeDigits(folder.path('data'));
    const data = { all: 'test.npz', input: { scale: 1 / 255 } };
    preview = await previewData({ model, data, base: folder.path('data') }, quietContext());
  });

  it('says what the model takes, and from where', () => {
    expect(preview).toMatchObject({ model: 'digits.onnx', source: 'test.npz', reason: null });
    expect(preview.input).toEqual({ name: 'image', dtype: 'float32', shape: [1, 28, 28] });
    expect(preview.notes.join(' ')).toMatch(/split/i);
  });

  it('has answers beside labels, right for a network that reads digits', () => {
    expect(preview.samples).toHaveLength(24);
    const right = preview.samples.filter(({ label, answer }) => label === answer);
    expect(right.length).toBeGreaterThanOrEqual(22);
    for (const { confidence } of preview.samples) expect(confidence).toBeGreaterThan(0);
    for (const { confidence } of preview.samples) expect(confidence).toBeLessThanOrEqual(1);
  });

  it('shows the values that the model gets, after normalization', () => {
    for (const { minimum, maximum, seen } of preview.samples) {
      expect(minimum).toBe(0);
      expect(maximum).toBeCloseTo(1, 1);
      expect(seen).toMatch(/^data:image\/png;base64,/);
    }
  });

  it('has the same picture before and after, where nothing but the scale changed', () => {
    const [first] = preview.samples;
    const pixels = (url: string | null | undefined) =>
      decode(Buffer.from(url?.split(',')[1] ?? '', 'base64')).data.slice(0, 784);
    const seen = [...pixels(first?.seen)];
    const original = [...pixels(first?.original)];
    const most = Math.max(...original);
    seen.forEach((pixel, at) => expect(pixel).toBeCloseTo(((original[at] ?? 0) * 255) / most, -1));
  });

  it('spreads over the set, so that a sorted one shows all its classes', () => {
    const indices = preview.samples.map(({ index }) => index);
    expect(indices).toEqual([...indices].sort((a, b) => a - b));
    expect((indices.at(-1) ?? 0) / preview.total).toBeGreaterThan(0.9);
  });
});

describe('values as a picture', () => {
  it('takes channels first or last, the smallest value black and the largest white', () => {
    const planar = tensorPicture(
      Float64Array.from({ length: 48 }, (_, at) => at),
      [3, 4, 4],
    );
    expect(planar).toMatchObject({ width: 4, height: 4, channels: 3 });
    expect([...(planar?.pixels.subarray(0, 3) ?? [])]).toEqual([0, 87, 174]);
    const last = tensorPicture(
      Float64Array.from({ length: 48 }, (_, at) => at),
      [4, 4, 3],
    );
    expect(last?.pixels.at(-1)).toBe(255);
  });

  it('is none for vectors, sequences and tiny sides; flat values are black', () => {
    expect(tensorPicture(new Float64Array(16), [16])).toBeNull();
    expect(tensorPicture(new Float64Array(32), [2, 16, 1])).toBeNull();
    expect(tensorPicture(new Float64Array(64), [4, 4, 4])).toBeNull();
    expect(tensorPicture(new Float64Array(16).fill(3), [4, 4])?.pixels.every((pixel) => pixel === 0)).toBe(true);
  });
});
