import { layersOf } from '../analysis/layers';
import type { WeightPlan, WeightScheme } from '../compression/encodings/scheme';
import { readFloats } from '../compression/graph/float-weights';
import { EdgewiseError } from '../errors';
import type { WeightReader } from '../formats/weight-reader';
import type { Model } from '../model/model';
import type { HeldForms } from '../training/standing-weights';
import type { QuantizeStep } from './recipe.schema';

/**
 * A plan in which weights that earlier steps have pruned or clustered stay so: zeros are left out, and equal weights
 * are equal afterwards. Weights that the step leaves alone are stored as they were.
 * @param asCodes true where integer kernels take them
 */
export async function withHeldForms(
  plan: WeightPlan,
  { model, held }: { readonly model: Model; readonly held: HeldForms },
  reader: WeightReader,
  asCodes: boolean,
): Promise<WeightPlan> {
  const whole = new Map(plan);
  for (const { name, weights } of layersOf(model)) {
    const main = weights.find(({ role, shape }) => role === 'weight' && shape.length > 1);
    const weight = model.graph.weights.get(main?.name ?? '');
    if (!weight || !(held.zeros.has(name) || held.shared.has(name))) continue;
    const planned = plan.get(weight.name);
    const values = await readFloats(reader, weight);
    const zeros = values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0) / values.length;
    const share = held.zeros.has(name) ? zeros : 0;
    const scheme = heldScheme(planned, held.shared.get(name), share, asCodes);
    if (scheme) whole.set(weight.name, scheme);
  }
  return whole;
}

/** Null: as it is planned, if at all. */
function heldScheme(
  planned: WeightScheme | undefined,
  bits: number | undefined,
  sparsity: number,
  asCodes: boolean,
): WeightScheme | null {
  if (asCodes) return bits === undefined || planned?.kind !== 'affine' ? null : oneScale(planned, bits);
  const isFewer = planned !== undefined && planned.kind !== 'dense' && bits !== undefined && planned.bits < bits;
  if (bits !== undefined && !isFewer)
    return { kind: 'palette', bits, axis: null, groups: 1, method: 'unique', sparsity };
  if (planned?.kind !== 'affine') return { ...(planned ?? FLOATS), sparsity };
  // What is left of a sparse tensor lies in a row: it has one scale.
  return { ...planned, axis: null, block: null, sparsity };
}

const oneScale = (scheme: Extract<WeightScheme, { kind: 'affine' }>, tableBits: number): WeightScheme => ({
  ...scheme,
  ...{ axis: null, block: null, tableBits },
});

const FLOATS: WeightScheme = { kind: 'dense', dtype: 'float32' };

/** @throws EdgewiseError `bad-recipe` for repairs, which would move zeros and shared values */
export function refuseRepairs({ repair = [] }: QuantizeStep, file: string): void {
  if (repair.length === 0) return;
  throw new EdgewiseError(
    'bad-recipe',
    `Weights of ${file} are pruned or share values, which ${repair.join(' and ')} would undo. Leave repair out, or quantize in the train step.`,
    { file },
  );
}

export const isHeld = ({ zeros, shared }: HeldForms): boolean => zeros.size + shared.size > 0;
