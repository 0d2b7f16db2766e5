import type { MeasuredUnit } from './damage-table';
import { bestChoices, type Choice } from './knapsack';
import type { Assignment } from './recipe-of';

/** Combinations of the options of all units, by what was measured of each alone. */
export class Combinations {
  /** From the original to the fewest bytes, the least damage for the bytes. */
  readonly best: readonly Choice[];

  constructor(readonly units: readonly MeasuredUnit[]) {
    this.best = bestChoices(units.map(({ options }) => options));
  }

  assignments(picks: readonly number[]): Assignment[] {
    return this.units.map(({ unit, options }, index) => ({
      unit,
      rung: options[picks[index] ?? 0]?.rung ?? null,
    }));
  }

  /** Every combination that differs in one unit: what changes in bytes and damage. */
  movesFrom(picks: readonly number[]): Choice[] {
    return this.units.flatMap(({ options }, index) => {
      const from = options[picks[index] ?? 0];
      return options.flatMap((option, pick) =>
        from === undefined || option === from
          ? []
          : {
              picks: picks.map((old, at) => (at === index ? pick : old)),
              bytes: option.bytes - from.bytes,
              damage: option.damage - from.damage,
            },
      );
    });
  }
}
