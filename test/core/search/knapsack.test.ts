import { describe, expect, it } from 'vitest';
import { bestChoices, undominated, type Option } from '../../../src/core/compression/search/knapsack';

const option = (bytes: number, damage: number): Option => ({ bytes, damage });

describe('choosing an option for each weight', () => {
  it('drops options that another beats in bytes and damage', () => {
    const options = [option(10, 0), option(8, 3), option(7, 2), option(7, 5), option(4, 2), option(1, 9)];
    expect(undominated(options)).toEqual([0, 4, 5]);
  });

  it('keeps one of equals', () => {
    expect(undominated([option(5, 1), option(5, 1)])).toHaveLength(1);
  });

  it('goes from the least damage to the fewest bytes, the cheapest step first', () => {
    const robust = [option(100, 0), option(50, 1), option(25, 3)];
    const sensitive = [option(100, 0), option(50, 40), option(25, 90)];
    const choices = bestChoices([robust, sensitive]);
    expect(choices.map(({ picks }) => picks)).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
    expect(choices.map(({ bytes, damage }) => [bytes, damage])).toEqual([
      [200, 0],
      [150, 1],
      [125, 3],
      [75, 43],
      [50, 93],
    ]);
  });

  it('finds what trying all combinations finds, for each size that it reaches', () => {
    let state = 7;
    const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    const weights = Array.from({ length: 4 }, () =>
      Array.from({ length: 5 }, () => option(Math.ceil(random() * 100), random())),
    );
    const all = combinations(weights);
    for (const { bytes, damage } of bestChoices(weights)) {
      const least = Math.min(...all.filter((each) => each.bytes <= bytes).map((each) => each.damage));
      expect(damage).toBeCloseTo(least, 10);
    }
  });

  it('has one choice where there is nothing to choose', () => {
    expect(bestChoices([])).toEqual([{ picks: [], bytes: 0, damage: 0 }]);
  });
});

function combinations(weights: readonly (readonly Option[])[]): Option[] {
  return weights.reduce<Option[]>(
    (sums, options) =>
      sums.flatMap((sum) => options.map((each) => option(sum.bytes + each.bytes, sum.damage + each.damage))),
    [option(0, 0)],
  );
}
