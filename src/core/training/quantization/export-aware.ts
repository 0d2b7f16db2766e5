import { readFloats } from '../../compression/graph/float-weights';
import { encodeWeights } from '../../compression/quantization/encode-weights';
import { quantizeStatic, planStatic } from '../../compression/quantization/static';
import type { ActivationParameters } from '../../compression/quantization/static/activation-parameters';
import type { WeightPlan, WeightScheme } from '../../compression/encodings/scheme';
import type { DataSet } from '../../evaluation/data';
import { formatOf } from '../../formats';
import type { StorageForm } from '../../formats/format';
import { openWeights } from '../../formats/weight-reader';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { CompactWeights } from '../compact-weights';
import { withTrainedWeights, type VariableValues } from '../evaluation-model';
import type { AwareLayer } from './aware-layers';
import { learnedQuantization } from './learned-weights';
import type { AwareModel } from './prepare-aware';
import { channelFigures, largestMagnitude } from './channel-figures';
import { storedScheme } from './stored-scheme';

export interface ExportRequest {
  readonly aware: AwareModel;
  readonly values: VariableValues;
  /** What static quantization is handed: with all steps learned it is not run on. */
  readonly calibration: DataSet | null;
  readonly store?: StorageForm;
  /** Zeros and shared values that were trained beside; `values` hold the weights as they compute. */
  readonly compact?: CompactWeights | null;
  readonly context: JobContext;
  /** Keeps weights readable until the model is written. */
  whenWritten(close: () => Promise<void>): void;
}

/** The model as it was trained, with weights as codes; and the float model that has the same weights. */
export interface ExportedModel {
  readonly model: Model;
  readonly reference: Model;
}

/** Stores what was trained: weights on the grids that they learned on, activations with the steps that were learned. */
export async function exportAware(request: ExportRequest): Promise<ExportedModel> {
  const { aware, values } = request;
  const shapes = new Map(aware.layers.map(({ weight }) => [weight.name, weight.shape]));
  const learned = await learnedQuantization(aware.plan, values, (name) => shapes.get(name) ?? []);
  const onGrid = new Map(values);
  for (const [name, { values: quantized }] of learned.weights) onGrid.set(name, quantized);
  const reference = withTrainedWeights(aware.model, onGrid);
  const steps = (layer: AwareLayer): Float32Array =>
    learned.weights.get(layer.weight.name)?.steps ?? new Float32Array(0);
  return aware.plan.activations.size === 0
    ? withWeightCodes(request, reference, steps)
    : withIntegerKernels(request, reference, steps, learned.activations);
}

async function withWeightCodes(
  { aware, store, compact, context, whenWritten }: ExportRequest,
  reference: Model,
  steps: (layer: AwareLayer) => Float32Array,
): Promise<ExportedModel> {
  const reader = await openWeights(reference);
  const plan = new Map<string, WeightScheme>();
  for (const layer of aware.layers) {
    const scheme = storedScheme(layer.bits, layer.axis, steps(layer), false);
    const weight = reference.graph.weights.get(layer.weight.name) ?? layer.weight;
    plan.set(weight.name, compact?.scheme(weight.name, scheme, await readFloats(reader, weight), false) ?? scheme);
  }
  whenWritten(() => reader.close());
  const tensors = await encodeWeights(reference, reader, plan, { signal: context.signal });
  return { model: formatOf(reference.format).encodings.store(reference, tensors, store), reference };
}

async function withIntegerKernels(
  { aware, compact, calibration, context }: ExportRequest,
  reference: Model,
  steps: (layer: AwareLayer) => Float32Array,
  activations: ReadonlyMap<string, ActivationParameters>,
): Promise<ExportedModel> {
  const keep = [...aware.keep];
  const weights = await foldedSchemes({ aware, compact }, reference, steps, keep);
  const { model, reference: folded } = await quantizeStatic(reference, {
    ...{ calibration: calibration ?? NO_DATA, granularity: 'channel', keep, samples: 1, reduceRange: false },
    ...{ context, weights, given: activations, spreadTo: 2 ** (aware.widest - 1) - 1 },
  });
  return { model, reference: folded };
}

/** With every step given, calibration does not run. */
const NO_DATA: DataSet = {
  ...{ source: 'nothing', length: 0, inputs: {}, labels: null, classNames: null },
  batch: () => Promise.resolve({ inputs: {} }),
  picture: () => Promise.resolve(null),
};

/**
 * Schemes for the weights once batch normalization is folded in: it multiplies each channel, and its step with it. What
 * the step has become is read off the channel's largest code.
 */
async function foldedSchemes(
  { aware, compact }: Pick<ExportRequest, 'aware' | 'compact'>,
  reference: Model,
  steps: (layer: AwareLayer) => Float32Array,
  keep: readonly string[],
): Promise<WeightPlan> {
  const { reference: folded, choices } = await planStatic(reference, { keep, given: new Map() });
  const byLayer = new Map([...choices.layers.values()].map((choice) => [choice.name, choice]));
  const [before, after] = [await openWeights(reference), await openWeights(folded)];
  try {
    const plan = new Map<string, WeightScheme>();
    for (const layer of aware.layers) {
      const choice = byLayer.get(layer.layer.name);
      const onGrid = reference.graph.weights.get(layer.weight.name);
      if (!onGrid) continue;
      if (!choice) {
        plan.set(onGrid.name, storedScheme(layer.bits, layer.axis, steps(layer), false));
        continue;
      }
      const [was, is] = [await readFloats(before, onGrid), await readFloats(after, choice.weight)];
      const largest = [
        channelFigures(was, onGrid.shape, layer.outputAxis, largestMagnitude),
        channelFigures(is, choice.weight.shape, choice.channelAxis, largestMagnitude),
      ] as const;
      const own = steps(layer);
      const folding = largest[1].map((now, channel) =>
        foldedStep(own[channel] ?? own[0] ?? 0, largest[0][channel] ?? 0, now),
      );
      const turns = is.some((value, index) => value * (was[index] ?? 0) < 0);
      const bits = turns && layer.bits === UNEVEN_BITS ? UNEVEN_BITS + 1 : layer.bits;
      const scheme = storedScheme(bits, choice.channelAxis, folding, true);
      plan.set(choice.weight.name, compact?.scheme(onGrid.name, scheme, was, true) ?? scheme);
    }
    return plan;
  } finally {
    await before.close();
    await after.close();
  }
}

/** Codes of 2 bits have no other sign for channels that a normalization has turned while it learned: those take 3. */
const UNEVEN_BITS = 2;

function foldedStep(step: number, was: number, is: number): number {
  const code = Math.round(was / step);
  return code === 0 ? step : Math.fround(is / code);
}
