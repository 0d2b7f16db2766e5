import { openWeights, type WeightReader } from '../../formats/weight-reader';
import type { Model } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { AffineScheme, PaletteScheme, WeightPlan } from '../encodings/scheme';
import { readFloats } from '../graph/float-weights';
import { multiplyInputs } from './equalization/channel-ranges';
import type { MatrixLayer } from './matrix-layers';
import { collectMoments } from './moments/collect';
import type { Moments } from './moments/moments';
import type { RepairContext, Repaired, RepairPass } from './repair';
import { roundingProblem } from './rounding/problem';
import { plainError } from './rounding/solve';
import { MAX_COLUMNS } from './rounding-pass';
import { columnChannels, scalableInputs, type ScalableInput } from './scaling/scalable-inputs';
import { withScaledInputs } from './scaling/scale-inputs';

/** Exponents that are tried, in equal steps from 0 to 1: AWQ's grid. */
const TRIALS = 20;

export const awq: RepairPass = {
  name: 'awq',
  title: 'Scaling channels by their activations',
  needs: 'calibration',
  keepsFunction: true,
  run: scaleByActivations,
};

/**
 * Activation-aware scaling (AWQ, Lin et al. 2023): weights that meet large activations are multiplied by
 * `rms(x)^alpha`, so that rounding hurts them less, and what makes the activations is divided. For each input the
 * alpha of 20 is taken whose weights, rounded to nearest, give the least error of the outputs. A float model computes
 * the same.
 */
async function scaleByActivations(model: Model, plan: WeightPlan, context: RepairContext): Promise<Repaired> {
  const inputs = scalableInputs(model).filter(({ readers }) => readers.some((layer) => codesOf(layer, plan) !== null));
  if (inputs.length === 0) {
    context.warn(
      'Scaling by activations changed nothing: nothing that makes what the layers read can take the scales in.',
    );
    return { model, plan };
  }
  const scales = new Map<ScalableInput, Float64Array>();
  const reader = await openWeights(model);
  try {
    for (const [done, input] of inputs.entries()) {
      throwIfCancelled(context.job.signal);
      const scale = await bestScale(model, input, plan, reader, context);
      if (scale !== null) scales.set(input, scale);
      context.job.progress({ stage: awq.title, done: done + 1, total: inputs.length, unit: 'layers' });
    }
  } finally {
    await reader.close();
  }
  return { model: await withScaledInputs(model, scales), plan };
}

interface Trial {
  readonly layer: MatrixLayer;
  readonly scheme: AffineScheme | PaletteScheme;
  readonly moments: Moments;
  readonly weight: Float32Array;
}

/** Null where scaling does not help. */
async function bestScale(
  model: Model,
  input: ScalableInput,
  plan: WeightPlan,
  reader: WeightReader,
  context: RepairContext,
): Promise<Float64Array | null> {
  const layers = input.readers.filter((layer) => codesOf(layer, plan) !== null);
  const collected = await collectMoments(model, new Map(), layers, context);
  const trials: Trial[] = [];
  for (const layer of layers) {
    const scheme = codesOf(layer, plan);
    const moments = collected.get(layer);
    if (scheme === null || moments === undefined) continue;
    trials.push({ layer, scheme, moments, weight: await readFloats(reader, layer.weight) });
  }
  const magnitudes = channelMagnitudes(input, trials);
  let best: { error: number; scale: Float64Array } | null = null;
  for (let trial = 0; trial < TRIALS; trial++) {
    const scale = scaleOf(magnitudes, trial / TRIALS);
    let error = 0;
    for (const each of trials) error += await errorAt(each, input.channels, scale, context.job.signal);
    if (best === null || error < best.error) best = { error, scale };
    // The first is the plain weight.
    if (trial === 0 && error === 0) return null;
  }
  return best === null || best.scale.every((each) => each === 1) ? null : best.scale;
}

function codesOf(layer: MatrixLayer, plan: WeightPlan): AffineScheme | PaletteScheme | null {
  const scheme = plan.get(layer.weight.name);
  return scheme === undefined || scheme.kind === 'dense' || layer.matrix.columns > MAX_COLUMNS ? null : scheme;
}

/** Root mean square of each channel of an input. */
function channelMagnitudes({ channels }: ScalableInput, trials: readonly Trial[]): Float64Array {
  const squares = new Float64Array(channels);
  for (const { layer, moments } of trials) {
    const { groups, columns } = layer.matrix;
    for (let group = 0; group < groups; group++) {
      columnChannels(layer, channels, group).forEach((channel, column) => {
        const square = moments.second[(group * columns + column) * columns + column] ?? 0;
        squares[channel] = (squares[channel] ?? 0) + square;
      });
    }
  }
  return squares.map(Math.sqrt);
}

/** `m^alpha`, of which the largest and the smallest lie equally far from 1; 1 for silent channels. */
function scaleOf(magnitudes: Float64Array, alpha: number): Float64Array {
  const heard = magnitudes.filter((magnitude) => magnitude > 0);
  const centre = Math.sqrt(
    heard.reduce((a, b) => Math.max(a, b), 0) * heard.reduce((a, b) => Math.min(a, b), Infinity),
  );
  return magnitudes.map((magnitude) => (magnitude > 0 && centre > 0 ? (magnitude / centre) ** alpha : 1));
}

/** The outputs' error of a layer whose inputs are scaled and whose weights are then rounded to nearest. */
async function errorAt(
  { layer, scheme, moments, weight }: Trial,
  channels: number,
  scale: Float64Array,
  signal: AbortSignal,
): Promise<number> {
  const scaled = weight.slice();
  multiplyInputs(layer, scaled, channels, scale);
  const problem = roundingProblem(layer.matrix, scaled, scaledMoments(layer, moments, channels, scale), false, 0);
  return plainError(problem, layer.weight.shape, scheme, signal);
}

/** The moments of inputs that are divided. */
function scaledMoments(layer: MatrixLayer, moments: Moments, channels: number, scale: Float64Array): Moments {
  const { groups, columns } = layer.matrix;
  const second = moments.second.slice();
  for (let group = 0; group < groups; group++) {
    const factors = Float64Array.from(columnChannels(layer, channels, group), (channel) => 1 / (scale[channel] ?? 1));
    for (let row = 0; row < columns; row++) {
      for (let column = 0; column < columns; column++) {
        const at = (group * columns + row) * columns + column;
        second[at] = (second[at] ?? 0) * (factors[row] ?? 1) * (factors[column] ?? 1);
      }
    }
  }
  return { ...moments, second, cross: null };
}
