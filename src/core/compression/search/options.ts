import { onnxBytes } from '../../formats/onnx/encode';
import type { WeightReader } from '../../formats/weight-reader';
import { loadKernels, type Kernels } from '../../kernels';
import type { Model } from '../../model/model';
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
 * @throws EdgewiseError `cancelled`, and what encoding says
 */
export async function optionsOf(
  request: SearchRequest,
  weights: WeightReader,
  rungs: readonly Rung[],
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
      const tensors = await encodeWeights(model, weights, own, { signal: job.signal });
      const bytes = onnxBytes(builder.stored(tensors)) - onnxBytes(model);
      if (bytes >= 0) continue;
      options.push({ rung, tensors, bytes, noise: await noiseOf(kernels, model, weights, tensors, job.signal) });
    }
    const kept = undominated(options.map(({ bytes, noise }) => ({ bytes, damage: noise })));
    found.push({ unit, options: kept.flatMap((at) => options[at] ?? []) });
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
