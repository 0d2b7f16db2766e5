import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../../src/core/evaluation/data/split';
import { BatchOrder, seedOf } from '../../../../src/core/training/batches/order';

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);

describe('the order of samples', () => {
  it('sees every sample of whole batches once an epoch', () => {
    const order = new BatchOrder(100, 32, 1);
    const seen = [3, 4, 5].flatMap((step) => [...order.positions(step)]);
    expect(new Set(seen).size).toBe(96);
    expect(order.stepsPerEpoch).toBe(3);
  });

  it('is another in each epoch, and in no epoch that of another seed', () => {
    const orders = SEEDS.flatMap((seed) => {
      const order = new BatchOrder(500, 100, seed);
      return SEEDS.map((epoch) => order.positions(epoch * 5).join());
    });
    expect(new Set(orders).size).toBe(SEEDS.length ** 2);
  });

  it('is the same for a seed, wherever it begins', () => {
    const [from, to] = [new BatchOrder(500, 100, 7), new BatchOrder(500, 100, 7)];
    const first = [...from.positions(0)];
    expect([...from.positions(12)]).toEqual([...to.positions(12)]);
    expect([...to.positions(0)]).toEqual(first);
  });
});

describe('seeds for a place', () => {
  it('do not come up again for other seeds and places', () => {
    const seeds = SEEDS.flatMap((seed) => SEEDS.flatMap((a) => SEEDS.map((b) => seedOf(seed, a, b))));
    expect(new Set(seeds).size).toBeGreaterThan(seeds.length - 3);
  });

  it('toss fair coins, whose sides know nothing of each other across samples, epochs and seeds', () => {
    const toss = (seed: number, sample: number, epoch: number): number =>
      randomNumbers(seedOf(seedOf(seed, sample, epoch), 2))() < 0.5 ? 1 : -1;
    const samples = Array.from({ length: 20_000 }, (_, sample) => sample);
    const mean = (of: (sample: number) => number): number =>
      samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
    // Five standard deviations.
    const chance = 5 / Math.sqrt(samples.length);
    expect(Math.abs(mean((sample) => toss(1, sample, 0)))).toBeLessThan(chance);
    expect(Math.abs(mean((sample) => toss(1, sample, 0) * toss(1, sample + 1, 0)))).toBeLessThan(chance);
    expect(Math.abs(mean((sample) => toss(1, sample, 0) * toss(1, sample, 1)))).toBeLessThan(chance);
    expect(Math.abs(mean((sample) => toss(1, sample, 0) * toss(2, sample, 0)))).toBeLessThan(chance);
  });
});
