import { EdgewiseError } from '../../errors';
import type { AwareOptions } from '../../recipe/train.schema';
import type { NamedValues } from '../transform';
import type { AwarePlan } from './aware-transform';
import type { WeightBits } from './grid';

/** What `progressive: true` goes through. */
const HALVED = [8, 4, 2];
/** The share of the training after which all bits are as they will be: half of it is left to learn with them. */
const LAST_STEP_DOWN = 0.5;

/** A plan that holds until a share of the training has passed. */
export interface EarlierPlan {
  readonly until: number;
  readonly plan: AwarePlan;
}

/**
 * The same plan with more bits, in equal parts of the first half of the training: no tensor has fewer bits than the
 * plan gives it in the end, nor more than kernels multiply.
 * @throws EdgewiseError `bad-recipe` where no named step has more bits than the last one
 */
export function earlierPlans(plan: AwarePlan, { progressive }: AwareOptions, file: string): EarlierPlan[] {
  if (progressive === false) return [];
  const fewest = Math.min(
    ...[...plan.weights.values()].map(({ bits }) => numberOf(bits)),
    ...[...plan.activations.values()].map(({ bits }) => bits),
  );
  const wanted = progressive === true ? HALVED : progressive;
  const levels = [...new Set(wanted)].filter((bits) => bits > fewest).sort((a, b) => b - a);
  if (levels.length === 0)
    throw new EdgewiseError(
      'bad-recipe',
      `progressive has no step with more bits than the ${fewest} that "${file}" ends with. Leave it out, or name more bits.`,
      { file },
    );
  return levels.map((level, index) => ({
    until: ((index + 1) * LAST_STEP_DOWN) / levels.length,
    plan: withBits(plan, level),
  }));
}

function withBits(plan: AwarePlan, level: number): AwarePlan {
  const weights = [...plan.weights].map(([name, weight]) => {
    const bits = numberOf(weight.bits) >= level ? weight.bits : Math.min(level, plan.widest);
    return [name, { ...weight, bits }] as const;
  });
  const activations = [...plan.activations].map(
    ([name, value]) => [name, { ...value, bits: Math.max(value.bits, level) }] as const,
  );
  return { ...plan, weights: new Map(weights), activations: new Map(activations) };
}

const numberOf = (bits: WeightBits): number => (bits === 'ternary' ? 2 : bits === 'binary' ? 1 : bits);

/** What learned steps become where tensors change from the bits of one plan to those of another. */
export function stepsAt(before: AwarePlan, after: AwarePlan, values: NamedValues): NamedValues {
  const changes = new Map<string, Float32Array>();
  const { method } = after;
  const take = (made: NamedValues | undefined): void => {
    for (const [name, value] of made ?? []) changes.set(name, value);
  };
  for (const [name, weight] of after.weights) {
    if (before.weights.get(name)?.bits === weight.bits) continue;
    take(method.weightAt?.({ ...weight, name, values: values.get(name) ?? weight.start }));
  }
  for (const { source, bits } of after.activations.values()) {
    const from = before.activations.get(source)?.bits ?? bits;
    if (from !== bits) take(method.activationAt?.({ name: source, from, to: bits, values }));
  }
  return changes;
}
