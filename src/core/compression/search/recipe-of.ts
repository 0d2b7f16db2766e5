import type { QuantizeStep, WeightOverride } from '../../recipe/recipe.schema';
import type { Rung } from './rungs';
import type { Unit } from './units';

/** What was chosen for a unit: a rung, or null for leaving it as it is. */
export interface Assignment {
  readonly unit: Unit;
  readonly rung: Rung | null;
}

/**
 * The step that says what was chosen: the rung of most layers as its own options, the others as overrides, layers that
 * stay in `keep`. What the given step keeps, overrides and repairs comes first. Null where every layer stays.
 */
export function stepOf(given: QuantizeStep, assignments: readonly Assignment[]): QuantizeStep | null {
  const byRung = new Map<Rung, string[]>();
  const kept: string[] = [];
  for (const { unit, rung } of assignments) {
    if (rung === null) kept.push(...unit.layers);
    else byRung.set(rung, [...(byRung.get(rung) ?? []), ...unit.layers]);
  }
  const [most, ...others] = [...byRung].sort(([, one], [, other]) => other.length - one.length);
  if (most === undefined) return null;
  const overrides = [...(given.overrides ?? []), ...others.map(([rung, layers]) => overrideOf(rung, layers))];
  return {
    ...withoutChoices(given),
    ...most[0].options,
    keep: [...new Set([...given.keep, ...kept])],
    ...(overrides.length === 0 ? {} : { overrides }),
  };
}

/** The given step with one rung for every layer. */
export function stepWith(given: QuantizeStep, { options }: Rung): QuantizeStep {
  return { ...withoutChoices(given), ...options };
}

/** A rung's own options leave no room for what was said of the whole model before. */
function withoutChoices(given: QuantizeStep): QuantizeStep {
  const { encoding, block, group, scales, symmetric, sparsity, ...rest } = given;
  void [encoding, block, group, scales, symmetric, sparsity];
  return rest;
}

function overrideOf({ options }: Rung, layers: readonly string[]): WeightOverride {
  return { layers: [...layers], ...options };
}

/** What tells an attempt from others: "6 layers 3-bit palette, 1 layer int8 per channel, 1 layer kept". */
export function nameOf(assignments: readonly Assignment[]): string {
  const layers = new Map<string, number>();
  for (const { unit, rung } of assignments) {
    const name = rung?.name ?? 'as it is';
    layers.set(name, (layers.get(name) ?? 0) + unit.layers.length);
  }
  const [only, ...others] = [...layers].sort(([, one], [, other]) => other - one);
  if (only === undefined) return 'as it is';
  if (others.length === 0) return only[0];
  return [only, ...others].map(([name, count]) => `${count} ${count === 1 ? 'layer' : 'layers'} ${name}`).join('; ');
}
