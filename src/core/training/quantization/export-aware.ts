import { readFloats } from '../../compression/graph/float-weights';
import { encodeWeights } from '../../compression/quantization/encode-weights';
import { quantizeStatic } from '../../compression/quantization/static';
import type { ActivationParameters } from '../../compression/quantization/static/activation-parameters';
import type { WeightScheme } from '../../compression/encodings/scheme';
import type { DataSet } from '../../evaluation/data';
import { formatOf } from '../../formats';
import type { StorageForm } from '../../formats/format';
import { openWeights } from '../../formats/weight-reader';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { CompactWeights } from '../compact-weights';
import type { VariableValues } from '../evaluation-model';
import { learnedModel, type LearnedModel } from './learned-model';
import { kernelSchemes } from './kernel-schemes';
import type { AwareModel } from './prepare-aware';
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
  const learned = await learnedModel(request.aware, request.values);
  return request.aware.plan.activations.size === 0
    ? withWeightCodes(request, learned)
    : withIntegerKernels(request, learned, learned.activations);
}

async function withWeightCodes(
  // Where a runtime takes codes into its kernels, these add up otherwise, and close calls change.
  { aware, store = 'computed', compact, context, whenWritten }: ExportRequest,
  { model: reference, weights }: LearnedModel,
): Promise<ExportedModel> {
  const reader = await openWeights(reference);
  const plan = new Map<string, WeightScheme>();
  for (const layer of aware.layers) {
    const steps = weights.get(layer.weight.name)?.steps ?? new Float32Array(0);
    const scheme = storedScheme(layer.bits, layer.axis, steps, false);
    const weight = reference.graph.weights.get(layer.weight.name) ?? layer.weight;
    plan.set(weight.name, compact?.scheme(weight.name, scheme, await readFloats(reader, weight), false) ?? scheme);
  }
  whenWritten(() => reader.close());
  const tensors = await encodeWeights(reference, reader, plan, { signal: context.signal });
  return { model: formatOf(reference.format).encodings.store(reference, tensors, store), reference };
}

async function withIntegerKernels(
  { aware, compact, calibration, context }: ExportRequest,
  learned: LearnedModel,
  activations: ReadonlyMap<string, ActivationParameters>,
): Promise<ExportedModel> {
  const weights = await kernelSchemes(aware, learned, compact ?? null);
  const { model, reference } = await quantizeStatic(learned.model, {
    ...{ calibration: calibration ?? NO_DATA, granularity: 'channel', keep: [...aware.keep], samples: 1 },
    ...{ reduceRange: false, context, weights, given: activations, spreadTo: 2 ** (aware.widest - 1) - 1 },
  });
  return { model, reference };
}

/** With every step given, calibration does not run. */
const NO_DATA: DataSet = {
  ...{ source: 'nothing', length: 0, inputs: {}, labels: null, classNames: null },
  batch: () => Promise.resolve({ inputs: {} }),
  picture: () => Promise.resolve(null),
};
