import type { QuantizeStep } from '../../recipe/recipe.schema';
import type { MeasuredUnit } from './damage-table';
import { bestChoices, type Choice } from './knapsack';
import { nameOf, stepOf, type Assignment } from './recipe-of';
import type { Attempt } from './trials';

/** Combinations of the options of all units, by what was measured of each alone. */
export class Combinations {
  /** From the original to the fewest bytes, the least damage for the bytes. */
  readonly best: readonly Choice[];

  /** @param step what every combination has beside its choices */
  constructor(
    private readonly units: readonly MeasuredUnit[],
    private readonly step: QuantizeStep,
  ) {
    this.best = bestChoices(units.map(({ options }) => options));
  }

  /** What makes the model with these picks; null where they change nothing. */
  attempt(picks: readonly number[]): Attempt | null {
    const assignments = this.units.map(({ unit, options }, index): Assignment => ({
      unit,
      rung: options[picks[index] ?? 0]?.rung ?? null,
    }));
    const step = stepOf(this.step, assignments);
    return step && { step, name: nameOf(assignments) };
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
