/** One way to store one weight: what it costs in the file, and what it does to the model's outputs. */
export interface Option {
  readonly bytes: number;
  /** Not negative; damages of different weights add up. */
  readonly damage: number;
}

/** What is chosen: for each weight, the position of its option. */
export interface Choice {
  readonly picks: readonly number[];
  readonly bytes: number;
  readonly damage: number;
}

/**
 * The best choices of one option for each weight, from the most bytes to the fewest: those that minimize
 * `damage + price * bytes` for some price (Lagrangian relaxation of the multiple-choice knapsack, Sinha and Zoltners,
 * Operations Research 27, 1979). Between two neighbours one weight differs by one step of its lower convex hull, so
 * that the best choice for any limit lies at most one step away.
 * @param weights the options of each weight, at least one each
 */
export function bestChoices(weights: readonly (readonly Option[])[]): Choice[] {
  const hulls = weights.map(lowerHull);
  const steps = hulls.flatMap((hull, weight) => stepsOf(hull, weight)).sort(byPrice);
  const picks = hulls.map(([first]) => first?.pick ?? 0);
  let bytes = hulls.reduce((sum, [first]) => sum + (first?.option.bytes ?? 0), 0);
  let damage = hulls.reduce((sum, [first]) => sum + (first?.option.damage ?? 0), 0);
  const choices: Choice[] = [{ picks: [...picks], bytes, damage }];
  for (const step of steps) {
    picks[step.weight] = step.pick;
    bytes -= step.saves;
    damage += step.costs;
    choices.push({ picks: [...picks], bytes, damage });
  }
  return choices;
}

interface Corner {
  readonly pick: number;
  readonly option: Option;
}

/** From a corner of one weight's hull to the next: fewer bytes, more damage. */
interface Step {
  readonly weight: number;
  readonly pick: number;
  readonly saves: number;
  readonly costs: number;
}

function stepsOf(hull: readonly Corner[], weight: number): Step[] {
  return hull.slice(1).map((corner, index) => {
    const from = hull[index] ?? corner;
    return {
      weight,
      pick: corner.pick,
      saves: from.option.bytes - corner.option.bytes,
      costs: corner.option.damage - from.option.damage,
    };
  });
}

/** Damage for each byte saved, cheapest first; a weight's own steps keep their order, as its hull is convex. */
function byPrice(one: Step, other: Step): number {
  return one.costs * other.saves - other.costs * one.saves;
}

/** Options that no other beats in both, from the most bytes to the fewest. */
export function undominated(options: readonly Option[]): number[] {
  const order = options.map((_, pick) => pick).sort((a, b) => compare(options[a], options[b]));
  const kept: number[] = [];
  let least = Infinity;
  // From the fewest bytes on: one with more bytes must do less damage.
  for (const pick of order) {
    const { damage } = options[pick] ?? { damage: Infinity };
    if (damage >= least) continue;
    least = damage;
    kept.unshift(pick);
  }
  return kept;
}

function compare(one: Option | undefined, other: Option | undefined): number {
  if (one === undefined || other === undefined) return 0;
  return one.bytes - other.bytes || one.damage - other.damage;
}

/** The corners of the lower convex hull of (bytes, damage), from the most bytes to the fewest. */
function lowerHull(options: readonly Option[]): Corner[] {
  const hull: Corner[] = [];
  for (const pick of undominated(options)) {
    const option = options[pick];
    if (option === undefined) continue;
    while (isAbove(hull.at(-2), hull.at(-1), option)) hull.pop();
    hull.push({ pick, option });
  }
  return hull;
}

/** Whether the middle corner lies on or above the line from the one before it to the next. */
function isAbove(before: Corner | undefined, middle: Corner | undefined, next: Option): boolean {
  if (before === undefined || middle === undefined) return false;
  const first = before.option;
  const toMiddle = (middle.option.damage - first.damage) * (first.bytes - next.bytes);
  const toNext = (next.damage - first.damage) * (first.bytes - middle.option.bytes);
  return toMiddle >= toNext;
}
