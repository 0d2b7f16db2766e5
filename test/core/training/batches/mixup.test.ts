import { describe, expect, it } from 'vitest';
import { betaNumber } from '../../../../src/core/training/batches/beta-numbers';
import { batchesOf } from '../../../../src/core/training/batches/from-data-set';
import { LABELS, MIXED_LABELS, SHARE } from '../../../../src/core/training/losses/loss';
import { seeded } from '../gradients/check';
import { pointSet } from '../small-network';

const SET = pointSet(64, 3);
const plan = { size: 16, seed: 4, fed: [LABELS, MIXED_LABELS, SHARE] };

describe('mixed samples', () => {
  it('are shares of two of the batch, in inputs and in labels', async () => {
    const plain = await batchesOf(SET, plan).feeds(1);
    const mixed = await batchesOf(SET, { ...plan, augment: { mixup: 0.4 } }).feeds(1);
    const points = plain['points']?.data ?? [];
    const labels = Array.from(plain[LABELS]?.data ?? [], Number);
    expect(mixed[LABELS]).toEqual(plain[LABELS]);
    expect(mixed[SHARE]?.shape).toEqual([16, 1]);
    const partners = new Set<number>();
    for (let sample = 0; sample < 16; sample++) {
      const share = Number(mixed[SHARE]?.data[sample]);
      const mixture = [0, 1].map((axis) => Number(mixed['points']?.data[2 * sample + axis]));
      const partner = labels.findIndex((_, other) =>
        [0, 1].every(
          (axis) =>
            Math.abs(
              share * Number(points[2 * sample + axis]) +
                (1 - share) * Number(points[2 * other + axis]) -
                Number(mixture[axis]),
            ) < 1e-6,
        ),
      );
      expect(partner).toBeGreaterThanOrEqual(0);
      if (share < 0.99) {
        partners.add(partner);
        expect(Number(mixed[MIXED_LABELS]?.data[sample])).toBe(labels[partner]);
      }
    }
    expect(partners.size).toBeGreaterThan(4);
  });

  it('are the same for a seed, and others at another step', async () => {
    const options = { ...plan, augment: { mixup: 1 } };
    const [one, same, next] = [
      await batchesOf(SET, options).feeds(2),
      await batchesOf(SET, options).feeds(2),
      await batchesOf(SET, options).feeds(3),
    ];
    expect(same).toEqual(one);
    expect(next[SHARE]).not.toEqual(one[SHARE]);
  });

  it('need a loss that takes mixed labels', () => {
    expect(() => batchesOf(SET, { ...plan, fed: [LABELS], augment: { mixup: 1 } })).toThrow(
      'augment.mixup mixes labels too, which this loss does not take. Use cross-entropy, or a graph with inputs mixed_labels and share.',
    );
  });

  it('must be numbers', async () => {
    const texts = {
      ...SET,
      batch: (indices: readonly number[]) => {
        const data = BigInt64Array.from(indices, BigInt);
        return Promise.resolve({ inputs: { tokens: { dtype: 'int64' as const, shape: [data.length], data } } });
      },
    };
    await expect(batchesOf(texts, { ...plan, augment: { mixup: 1 } }).feeds(0)).rejects.toThrow(
      'augment.mixup mixes float32 values, and "tokens" takes int64. Leave mixup out.',
    );
  });
});

describe('targets', () => {
  const targets = {
    names: ['map'],
    shapeOf: () => [4, 4],
    read: () => Promise.resolve({}),
  };

  it('that say where things are refuse changes that move pixels', () => {
    const options = { size: 8, seed: 1, fed: ['target_map'], augment: { flip: true } };
    expect(() => batchesOf({ ...SET, targets }, options)).toThrow(
      'augment moves pixels, and target_map of "points" says where things are. Leave flip, shift and crop out.',
    );
  });
});

describe('numbers from Beta(a, a)', () => {
  it.each([0.1, 0.4, 1, 3])('of a = %d have mean 1/2 and variance 1 / (8a + 4)', (shape) => {
    const random = seeded(5);
    const numbers = Array.from({ length: 200_000 }, () => betaNumber(shape, random));
    const mean = numbers.reduce((sum, each) => sum + each) / numbers.length;
    const variance = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / numbers.length;
    expect(numbers.every((each) => each >= 0 && each <= 1)).toBe(true);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / (8 * shape + 4), 2);
  });

  it('of a very small a are 0 or 1, never none', () => {
    const random = seeded(6);
    for (let draw = 0; draw < 1000; draw++) expect(betaNumber(1e-4, random)).not.toBeNaN();
  });
});
