import { weightBytes, type WeightReader } from '../../formats/weight-reader';
import { loadKernels, type Kernels } from '../../kernels';
import type { Model, Weight } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { EncodedTensor } from '../encodings/encoded-tensor';
import { valuesOf } from '../encodings';
import type { WeightPlan } from '../encodings/scheme';
import { denseValues } from '../encodings/stored';
import { encodeWeights, weightsByName } from '../quantization/encode-weights';
import { signalToNoise } from '../signal-to-noise';
import { undominated } from './knapsack';
import { stepWith } from './recipe-of';
import type { SearchRequest } from './request';
import type { Rung } from './rungs';
import { unitsOf, type Unit } from './units';

/** A unit encoded in one way. */
export interface UnitOption {
  readonly rung: Rung;
  readonly tensors: ReadonlyMap<string, EncodedTensor>;
  /** What the file grows by, in bytes; negative where it shrinks. Nodes and names are counted. */
  readonly bytes: number;
}

export interface UnitOptions {
  readonly unit: Unit;
  /** From the most bytes to the fewest; none has more bytes and more error of the weights than another. */
  readonly options: readonly UnitOption[];
}

/**
 * The ways to encode each unit of a model that make its file smaller. `weights` must stay open while the tensors are
 * used.
 * @param spacing shares of a unit's bytes that its options differ by at least
 * @throws EdgewiseError `cancelled`, and what encoding says
 */
export async function optionsOf(
  request: SearchRequest,
  weights: WeightReader,
  rungs: readonly Rung[],
  spacing: number,
): Promise<UnitOptions[]> {
  const { model, step, builder, job } = request;
  const plans: { rung: Rung; plan: WeightPlan }[] = [];
  for (const rung of rungs) plans.push({ rung, plan: await builder.plan(stepWith(step, rung)) });
  const units = unitsOf(model, new Set(plans.flatMap(({ plan }) => [...plan.keys()])));
  const kernels = await loadKernels();
  const found: UnitOptions[] = [];
  for (const unit of units) {
    job.progress({ stage: 'Encoding layers', done: found.length, total: units.length, unit: 'layers' });
    const options: (UnitOption & { noise: number })[] = [];
    for (const { rung, plan } of plans) {
      throwIfCancelled(job.signal);
      const own = new Map([...plan].filter(([name]) => unit.weights.includes(name)));
      if (own.size === 0) continue;
      const tensors = shrinking(request, await encodeWeights(model, weights, own, { signal: job.signal }));
      const bytes = growth(request, tensors);
      if (bytes >= 0) continue;
      options.push({ rung, tensors, bytes, noise: await noiseOf(kernels, model, weights, tensors, job.signal) });
    }
    const kept = undominated(options.map(({ bytes, noise }) => ({ bytes, damage: noise })));
    const plain = unit.weights.reduce((sum, name) => sum + plainBytesOf(model, name), 0);
    found.push({
      unit,
      options: spaced(
        kept.flatMap((at) => options[at] ?? []),
        plain,
        spacing,
      ),
    });
  }
  return found;
}

/** The noise that encoding brings into weights, as a share of their power, summed over weights. */
async function noiseOf(
  kernels: Kernels,
  model: Model,
  weights: WeightReader,
  tensors: ReadonlyMap<string, EncodedTensor>,
  signal: AbortSignal,
): Promise<number> {
  const weightOf = weightsByName(model);
  let noise = 0;
  for (const [name, tensor] of tensors) {
    const weight = weightOf(name);
    if (weight === undefined) continue;
    const before = denseValues(kernels, weights, weight);
    const decibels = await signalToNoise(kernels, before, valuesOf(kernels, tensor), signal);
    if (decibels !== null) noise += 10 ** (-decibels / 10);
  }
  return noise;
}

/** The weights that get smaller: passes leave the others as they are. */
function shrinking(
  request: SearchRequest,
  tensors: ReadonlyMap<string, EncodedTensor>,
): ReadonlyMap<string, EncodedTensor> {
  return new Map([...tensors].filter((one) => growth(request, new Map([one])) < 0));
}

/** What is shared between weights (shapes, functions) is not counted: it would be counted for each. */
function growth({ model, builder }: SearchRequest, tensors: ReadonlyMap<string, EncodedTensor>): number {
  const weightOf = weightsByName(model);
  let bytes = 0;
  for (const [name, tensor] of tensors) {
    const weight = weightOf(name);
    if (weight !== undefined) bytes += builder.bytes(name, tensor) - plainBytes(name, weight);
  }
  return bytes;
}

/** Dimensions, type and lengths of an initializer, in the file. */
const HEADER_BYTES = 16;

function plainBytesOf(model: Model, name: string): number {
  const weight = weightsByName(model)(name);
  return weight === undefined ? 0 : plainBytes(name, weight);
}

function plainBytes(name: string, weight: Weight): number {
  return weightBytes(weight) + Buffer.byteLength(name) + HEADER_BYTES;
}

/** Of options from the most bytes to the fewest, those that differ enough to be worth their runs; the last stays. */
function spaced(options: readonly UnitOption[], plain: number, spacing: number): UnitOption[] {
  const kept: UnitOption[] = [];
  for (const option of options) {
    const before = kept.at(-1);
    const isNear = before !== undefined && plain + option.bytes > (plain + before.bytes) * (1 - spacing);
    if (isNear && option !== options.at(-1)) continue;
    kept.push(option);
  }
  return kept;
}
