import { openWeights } from '../../formats/weight-reader';
import type { Model, Weight } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { AffineScheme, PaletteScheme, WeightPlan, WeightScheme } from '../encodings/scheme';
import { readFloats } from '../graph/float-weights';
import { float32Weight } from '../graph/new-weights';
import { withZeroBiases } from './layer-biases';
import { matrixLayers, type MatrixLayer, type MatrixShape } from './matrix-layers';
import { collectMoments, withWeights } from './moments/collect';
import type { Moments } from './moments/moments';
import type { RepairContext, Repaired } from './repair';
import { roundsOf } from './rounds';
import { DAMPING, roundingProblem, rowStart } from './rounding/problem';
import type { RoundingMethod } from './rounding/round-weight';
import { solveWeight } from './rounding/solve';

/**
 * Inputs of one output beyond which a layer is rounded plainly: second moments and their factor take 170 MB each at
 * 4608, a 3x3 convolution of 512 channels.
 */
export const MAX_COLUMNS = 4608;
/** Bytes of second moments that are collected at once. */
const MAX_MOMENT_BYTES = 400 * 1024 ** 2;
const FLOAT64_BYTES = 8;

/** Of second moments and those with the float model's inputs. */
function momentBytes({ matrix }: MatrixLayer): number {
  return 2 * FLOAT64_BYTES * matrix.groups * matrix.columns ** 2;
}

interface Planned {
  readonly layer: MatrixLayer;
  readonly scheme: AffineScheme | PaletteScheme;
}

/**
 * Rounds the weights of a plan layer by layer in the order in which they run, each for the least error of its outputs
 * on the inputs that the layers rounded before it give. Biases take up what is left of the mean.
 */
export async function roundLayers(
  given: Model,
  plan: WeightPlan,
  context: RepairContext,
  method: RoundingMethod,
  stage: string,
): Promise<Repaired> {
  const model = withZeroBiases(
    given,
    plannedLayers(given, plan, { ...context, warn: () => undefined }).map(({ layer }) => layer),
  );
  const planned = plannedLayers(model, plan, context);
  const schemes = new Map(plan);
  const changed = new Map<string, Weight>();
  const reader = await openWeights(model);
  let done = 0;
  try {
    for (const round of roundsOf(planned, momentBytes, MAX_MOMENT_BYTES)) {
      const layers = round.map(({ layer }) => layer);
      const moments = await collectMoments(model, changed, layers, context);
      for (const { layer, scheme } of round) {
        throwIfCancelled(context.job.signal);
        const seen = moments.get(layer);
        if (seen === undefined) continue;
        const weight = await readFloats(reader, layer.weight);
        const bias = layer.bias === null ? null : await readFloats(reader, layer.bias);
        const result = await solveLayer(layer, weight, scheme, seen, method, context.job.signal);
        changed.set(layer.weight.name, float32Weight(layer.weight.name, layer.weight.shape, result.values));
        schemes.set(layer.weight.name, result.scheme);
        if (layer.bias !== null && bias !== null) {
          const corrected = correctedBias(layer.matrix, weight, result.values, bias, seen);
          changed.set(layer.bias.name, float32Weight(layer.bias.name, layer.bias.shape, corrected));
        }
        context.job.progress({ stage, done: ++done, total: planned.length, unit: 'layers' });
      }
    }
  } finally {
    await reader.close();
  }
  return { model: withWeights(model, changed), plan: schemes };
}

async function solveLayer(
  layer: MatrixLayer,
  weight: Float32Array,
  scheme: AffineScheme | PaletteScheme,
  moments: Moments,
  method: RoundingMethod,
  signal: AbortSignal,
): Promise<{ values: Float32Array; scheme: WeightScheme }> {
  const problem = roundingProblem(layer.matrix, weight, moments, layer.bias !== null, DAMPING);
  return solveWeight(problem, layer.weight.shape, scheme, method, signal);
}

/** `b + W mean(x_float) - W' mean(x)`: the outputs' mean stays what it was. */
export function correctedBias(
  matrix: MatrixShape,
  before: Float32Array,
  after: Float32Array,
  bias: Float32Array,
  { mean, floatMean }: Moments,
): Float32Array {
  const { groups, rows, columns, columnStride } = matrix;
  const corrected = bias.slice();
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rows; row++) {
      const start = rowStart(matrix, group, row);
      let shift = 0;
      for (let column = 0; column < columns; column++) {
        const element = start + column * columnStride;
        const at = group * columns + column;
        shift += (before[element] ?? 0) * (floatMean[at] ?? 0) - (after[element] ?? 0) * (mean[at] ?? 0);
      }
      corrected[group * rows + row] = (bias[group * rows + row] ?? 0) + shift;
    }
  }
  return corrected;
}

/** The layers whose weights have codes in the plan, in the order in which they run; warns of what is left out. */
function plannedLayers(model: Model, plan: WeightPlan, { warn, quantizesActivations }: RepairContext): Planned[] {
  const found: Planned[] = [];
  const wide: string[] = [];
  const blocked: string[] = [];
  for (const layer of matrixLayers(model)) {
    const scheme = plan.get(layer.weight.name);
    if (scheme === undefined || scheme.kind === 'dense') continue;
    if (layer.matrix.columns > MAX_COLUMNS) wide.push(layer.name);
    else if (isSparse(scheme) && scheme.kind === 'affine' && scheme.block !== null) blocked.push(layer.name);
    else found.push({ layer, scheme: quantizesActivations ? scheme : schemeOfKept(scheme) });
  }
  if (wide.length > 0) {
    warn(
      `Rounded plainly, since they have more than ${MAX_COLUMNS.toLocaleString('en-US')} inputs an output: ${wide.join(', ')}.`,
    );
  }
  if (blocked.length > 0) {
    warn(
      `Rounded plainly, since blocks of sparse weights lie along what is left of them: ${blocked.join(', ')}. Use granularity channel or tensor for these.`,
    );
  }
  return found;
}

/** In a file, what is left of a sparse weight has one scale; integer kernels see zeros like other codes. */
function schemeOfKept(scheme: AffineScheme | PaletteScheme): AffineScheme | PaletteScheme {
  return isSparse(scheme) && scheme.kind === 'affine' ? { ...scheme, axis: null } : scheme;
}

function isSparse({ sparsity = 0 }: WeightScheme): boolean {
  return sparsity > 0;
}
