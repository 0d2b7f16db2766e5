import { describe, expect, it } from 'vitest';
import type { DataInput } from '../../../../src/core/evaluation/data';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { augmentationOf, type Augment } from '../../../../src/core/training/batches/augmentation';

const FIRST: DataInput = { dtype: 'float32', shape: [2, 3, 4], picture: { channelAxis: 0, black: [-1, -2] } };
const LAST: DataInput = { dtype: 'float32', shape: [3, 4, 2], picture: { channelAxis: 2, black: [-1, -2] } };
const GRAY: DataInput = { dtype: 'float32', shape: [3, 4], picture: { channelAxis: null, black: [0] } };

/** Two channels of 3 x 4: hundreds tell the channel, tens the row, ones the column. */
const pixel = (channel: number, row: number, column: number): number => 100 * channel + 10 * row + column;
const CHANNELS_FIRST = [0, 1].flatMap((c) => [0, 1, 2].flatMap((y) => [0, 1, 2, 3].map((x) => pixel(c, y, x))));
const CHANNELS_LAST = [0, 1, 2].flatMap((y) => [0, 1, 2, 3].flatMap((x) => [0, 1].map((c) => pixel(c, y, x))));

function changed(augment: Augment, input: DataInput, sample: readonly number[], seeds: readonly number[]): number[][] {
  const shape = [seeds.length, ...input.shape];
  const data = Float32Array.from(seeds.flatMap(() => sample));
  const tensor: Tensor = { dtype: 'float32', shape, data };
  const result = augmentationOf(augment, { image: input })?.({ image: tensor }, seeds)['image'];
  const values = Array.from(result?.data ?? [], Number);
  return seeds.map((_, index) => values.slice(index * sample.length, (index + 1) * sample.length));
}

const SEEDS = Array.from({ length: 200 }, (_, index) => 7919 * index + 3);
const distinct = (samples: readonly number[][]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const sample of samples) counts.set(sample.join(), (counts.get(sample.join()) ?? 0) + 1);
  return counts;
};

describe('flip', () => {
  it.each([
    ['channels first', FIRST, CHANNELS_FIRST, (c: number, y: number, x: number) => (c * 3 + y) * 4 + x],
    ['channels last', LAST, CHANNELS_LAST, (c: number, y: number, x: number) => (y * 4 + x) * 2 + c],
  ] as const)('mirrors left to right about half of the time, %s', (_, input, sample, place) => {
    const mirrored = sample.slice();
    for (const c of [0, 1])
      for (const y of [0, 1, 2]) for (const x of [0, 1, 2, 3]) mirrored[place(c, y, x)] = pixel(c, y, 3 - x);
    const counts = distinct(changed({ flip: true }, input, sample, SEEDS));
    expect([...counts.keys()].sort()).toEqual([sample.join(), mirrored.join()].sort());
    expect(counts.get(mirrored.join())).toBeGreaterThan(70);
    expect(counts.get(mirrored.join())).toBeLessThan(130);
  });
});

describe('shift', () => {
  it('moves by up to so many pixels, and what comes in is black', () => {
    const found = distinct(changed({ shift: 1 }, FIRST, CHANNELS_FIRST, SEEDS));
    const black = [-1, -2];
    const moved = [-1, 0, 1].flatMap((down) =>
      [-1, 0, 1].map((right) =>
        [0, 1].flatMap((c) =>
          [0, 1, 2].flatMap((y) =>
            [0, 1, 2, 3].map((x) => {
              const [fromY, fromX] = [y - down, x - right];
              const isInside = fromY >= 0 && fromY < 3 && fromX >= 0 && fromX < 4;
              return isInside ? pixel(c, fromY, fromX) : black[c];
            }),
          ),
        ),
      ),
    );
    expect([...found.keys()].sort()).toEqual(moved.map((sample) => sample.join()).sort());
  });

  it('may move a picture out of sight', () => {
    for (const sample of changed({ shift: 64 }, GRAY, CHANNELS_FIRST.slice(0, 12), SEEDS.slice(0, 20)))
      expect(sample).toHaveLength(12);
  });
});

describe('crop', () => {
  it('shows a window of at least the share, resized to the whole: a ramp stays a ramp', () => {
    const [height, width] = [20, 30];
    const input: DataInput = { dtype: 'float32', shape: [1, height, width], picture: { channelAxis: 0, black: [0] } };
    const ramp = Array.from({ length: height * width }, (_, at) => (at % width) + 1000 * Math.floor(at / width));
    for (const sample of changed({ crop: 0.25 }, input, ramp, SEEDS.slice(0, 50))) {
      const at = (y: number, x: number): number => sample[y * width + x] ?? NaN;
      // Away from the border, where what lies outside is the border's own value.
      const across = (at(10, 20) - at(10, 10)) / 10;
      const down = (at(15, 15) - at(5, 15)) / 10_000;
      expect(across).toBeGreaterThan(0.49);
      expect(across).toBeLessThan(1.01);
      expect(down).toBeCloseTo(across, 2);
      expect(Math.min(...sample)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...sample)).toBeLessThanOrEqual(Math.max(...ramp));
    }
  });

  it('leaves the picture where all of it is wanted', () => {
    expect(augmentationOf({ crop: 1 }, { image: FIRST })).toBeNull();
  });
});

describe('changes at random', () => {
  const all = { flip: true, shift: 1, crop: 0.5 };

  it('are the same for a seed, in whatever batch', () => {
    const together = changed(all, FIRST, CHANNELS_FIRST, SEEDS.slice(0, 5));
    expect(together.map(String)).not.toEqual(together.map(() => String(together[0])));
    SEEDS.slice(0, 5).forEach((seed, index) => {
      expect(changed(all, FIRST, CHANNELS_FIRST, [seed])).toEqual([together[index]]);
    });
  });

  it('do not move each other: a sample is flipped or not whether it is also shifted', () => {
    const both = changed({ flip: true, shift: 0 }, FIRST, CHANNELS_FIRST, SEEDS);
    expect(both).toEqual(changed({ flip: true }, FIRST, CHANNELS_FIRST, SEEDS));
  });

  it('are refused where no input takes pictures', () => {
    expect(() => augmentationOf(all, { text: { dtype: 'int64', shape: [12] } })).toThrow(
      'augment changes pictures, and no input takes any: text. Leave flip, shift and crop out.',
    );
  });

  it('are none where a recipe asks for none', () => {
    expect(augmentationOf(undefined, {})).toBeNull();
    expect(augmentationOf({ mixup: 0.2 }, {})).toBeNull();
  });
});
