import { indexGraph, type GraphIndex } from '../../../analysis/graph-order';
import { layersOf } from '../../../analysis/layers';
import { constantNumbers } from '../../../analysis/tensor-constants';
import { EdgewiseError } from '../../../errors';
import type { DataSet } from '../../../evaluation/data';
import { formatOf } from '../../../formats';
import { quoted } from '../../../formats/file-errors';
import { openWeights, type WeightReader } from '../../../formats/weight-reader';
import type { Model, Node } from '../../../model/model';
import type { JobContext } from '../../../progress';
import { calibrate } from '../../calibration/calibrate';
import type { RangeMethodName } from '../../calibration/methods';
import { hasBounds, type Range } from '../../calibration/range';
import type { EncodedTensor } from '../../encodings/encoded-tensor';
import type { WeightPlan } from '../../encodings/scheme';
import {
  activationParameters,
  HIGHEST_CODE,
  type ActivationParameters,
  type ActivationType,
} from './activation-parameters';
import { guardCaptured } from './captured-values';
import { asAffineTensor, encodeLayers } from './encoded-layers';
import { chooseLayers, type LayerChoices } from './layers';
import { planQuantization, type QuantizationPlan } from './plan';
import { otherWeights } from './other-weights';
import { prepare } from './preparation';
import { activationForm, withDomain } from './activation-form';
import { insertQdq } from './qdq';

export interface StaticOptions {
  /** Samples whose activations give the ranges. */
  readonly calibration: DataSet;
  /** Weights: one scale for each output channel, or one for the tensor. Activations have one always. */
  readonly granularity: 'channel' | 'tensor';
  /** Names of layers that stay float. */
  readonly keep: readonly string[];
  /** Calibration samples to use, at most. */
  readonly samples: number;
  /** Weights in 7 bits, for x86 processors without VNNI. */
  readonly reduceRange: boolean;
  readonly context: JobContext;
  /**
   * How single weights are encoded, by their name in the model's graph; others are int8 of the whole range. Fewer bits
   * and palettes are int8 codes with few levels for the integer kernels, packed in the file. Dense: the layer stays
   * float. Scales lie along the output channels, whatever axis a scheme names.
   */
  readonly weights?: WeightPlan;
  /** How ranges are found; default `minmax`. */
  readonly ranges?: RangeMethodName;
  /** Share of all numbers that `percentile` ranges keep; default 0.99999. */
  readonly share?: number;
  /** A file from which a calibration that was stopped goes on; see `CalibrationOptions`. */
  readonly checkpoint?: string;
  /**
   * What activations are stored as; default `uint8`. ONNX Runtime has no 16-bit kernels on a processor: it rounds
   * activations and computes in float, slower than the float model. `uint16` is for accelerators that have them.
   */
  readonly activations?: ActivationType;
  /**
   * Leaves first layers float where ONNX Runtime is faster so (see `operators/convolution`), unless nothing else could
   * become integers; default false: other runtimes, and places without floats, want integers from end to end.
   */
  readonly fastFirst?: boolean;
  /**
   * How values are stored whose steps were learned, by the value that gives its range. Calibration finds the others;
   * with all of them given it does not run, and no value is rescaled.
   */
  readonly given?: ReadonlyMap<string, ActivationParameters>;
  /**
   * For weights that were trained on their codes, with float biases: those stay float in the file, and ONNX Runtime
   * rounds them itself where it takes integer kernels. Int8 codes of fewer bits are spread up to this magnitude, so that
   * it does so finer.
   */
  readonly spreadTo?: number;
}

export interface StaticResult {
  /** In QDQ form: uint8 activations, int8 weights, int32 biases; inputs and outputs float32. */
  readonly model: Model;
  /**
   * The float model that was rounded: the original with batch normalization folded in and its operator set raised.
   * Errors of weights are measured against it; against the original they would show the folding.
   */
  readonly reference: Model;
  /** The weights as encoded, by their name in `reference`. */
  readonly tensors: ReadonlyMap<string, EncodedTensor>;
  /** Sentences: what stays float, and why. */
  readonly warnings: readonly string[];
}

/**
 * Static int8: layers read and write 8-bit codes whose ranges come from calibration, so that ONNX Runtime runs integer
 * kernels from layer to layer. Formulas: `activation-parameters`, `weight-codes`, `bias-codes`.
 * @throws EdgewiseError `unsupported` when the model has no layer for it, or an operator that is too old; `bad-data`
 * naming the layer that computes NaN or infinite values; `cancelled`, `runtime`, `changed`.
 */
export async function quantizeStatic(model: Model, options: StaticOptions): Promise<StaticResult> {
  const reader = await openWeights(model);
  try {
    const { reference, index, choices, plan } = await planned(model, reader, options);
    const parameters = await activations(reference, index, plan, options);
    const result = await rewrite(reference, index, plan, parameters, reader, options);
    return { ...result, reference, warnings: choices.warnings };
  } finally {
    await reader.close();
  }
}

export interface StaticPlan {
  /** The model that is planned on: batch normalization folded in, some operators written in simpler ones. */
  readonly reference: Model;
  readonly index: GraphIndex;
  readonly choices: LayerChoices;
  readonly plan: QuantizationPlan;
}

type PlanOptions = Pick<StaticOptions, 'keep' | 'weights' | 'activations' | 'given' | 'fastFirst'>;

/**
 * What `quantizeStatic` would quantize, without doing it: for training with the same values rounded.
 * @throws EdgewiseError `unsupported` when the model has no layer for it
 */
export async function planStatic(model: Model, options: PlanOptions): Promise<StaticPlan> {
  const reader = await openWeights(model);
  try {
    return await planned(model, reader, options);
  } finally {
    await reader.close();
  }
}

async function planned(model: Model, reader: WeightReader, options: PlanOptions): Promise<StaticPlan> {
  const reference = await prepare(model, reader);
  const index = indexGraph(reference.graph);
  const chosen = (fastFirst: boolean): LayerChoices =>
    chooseLayers(reference, index, { keep: new Set(options.keep), weights: options.weights ?? new Map(), fastFirst });
  const fast = chosen(options.fastFirst ?? false);
  const choices = fast.layers.size > 0 ? fast : chosen(false);
  if (choices.layers.size === 0) throw nothingToQuantize(model, choices.warnings);
  const highest = HIGHEST_CODE[options.activations ?? 'uint8'];
  const plan = planQuantization(index, choices, numbersIn(reference), highest, options.given === undefined);
  return { reference, index, choices, plan };
}

async function rewrite(
  reference: Model,
  index: GraphIndex,
  plan: QuantizationPlan,
  parameters: (source: string) => ActivationParameters,
  reader: WeightReader,
  options: StaticOptions,
): Promise<Pick<StaticResult, 'model' | 'tensors'>> {
  const form = activationForm(reference, options.activations ?? 'uint8');
  const encoded = await encodeLayers(
    plan,
    (layer) => parameters(plan.values.get(layer.inputs[0] ?? '') ?? ''),
    reader,
    {
      ...options,
      weights: options.weights ?? new Map(),
      floatBiases: form.type === 'uint16' || options.spreadTo !== undefined,
    },
  );
  const { graph, packed } = insertQdq(index, plan, parameters, encoded, form);
  const tensors = new Map(encoded.weights.map((weight) => [weight.weight.name, asAffineTensor(weight)]));
  const model = { ...reference, opsets: withDomain(reference.opsets, form.domain), graph: guardCaptured(graph) };
  // Codes must be there when the runtime looks for integer kernels: it computes them when it loads the model.
  const others = await otherWeights(model, new Set(packed.keys()), reader, {
    granularity: options.granularity,
    keep: options.keep,
    plan: options.weights,
    signal: options.context.signal,
  });
  return {
    model: formatOf(model.format).encodings.store(model, new Map([...packed, ...others]), 'unpacking'),
    tensors,
  };
}

/** How each value that was observed is stored. */
async function activations(
  reference: Model,
  index: GraphIndex,
  plan: QuantizationPlan,
  { calibration, samples, context, activations: type = 'uint8', ...options }: StaticOptions,
): Promise<(source: string) => ActivationParameters> {
  const given = options.given ?? new Map<string, ActivationParameters>();
  const sources = inRunningOrder(index, observedValues(plan)).filter((source) => !given.has(source));
  const parameters = new Map([...plan.rescaled].map(([value, { read }]) => [value, read]));
  for (const [value, parameter] of given) parameters.set(value, parameter);
  if (sources.length === 0) return parametersIn(parameters);
  if (calibration.length === 0) {
    throw new EdgewiseError('bad-data', `${calibration.source} has no samples to calibrate with.`);
  }
  const ranges = await calibrate(reference, sources, calibration, {
    samples,
    context,
    highestCode: HIGHEST_CODE[type],
    ...(options.ranges === undefined ? {} : { method: options.ranges }),
    ...(options.share === undefined ? {} : { share: options.share }),
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
  });
  for (const [value, range] of ranges) {
    if (!hasBounds(range)) throw notFinite(reference, makerOf(value, index, plan), value, range, calibration);
    parameters.set(value, activationParameters(range, type));
  }
  return parametersIn(parameters);
}

function parametersIn(parameters: ReadonlyMap<string, ActivationParameters>): (source: string) => ActivationParameters {
  return (source) => {
    const found = parameters.get(source);
    if (found === undefined) throw new EdgewiseError('internal', `The value "${source}" was not calibrated.`);
    return found;
  };
}

/** Values whose range is wanted. */
function observedValues(plan: QuantizationPlan): Set<string> {
  return new Set([...plan.values.values()].filter((value) => !plan.rescaled.has(value)));
}

/** The number in a constant of one element; null for others. */
function numbersIn(model: Model): (name: string) => number | null {
  return (name) => {
    const weight = model.graph.weights.get(name);
    const numbers = weight === undefined ? null : constantNumbers(weight);
    return numbers?.length === 1 ? (numbers[0] ?? null) : null;
  };
}

/** So that of several values with NaN the one is named in which it arose. */
function inRunningOrder({ order }: GraphIndex, values: ReadonlySet<string>): string[] {
  const made = order.flatMap((node) => node.outputs).filter((value) => values.has(value));
  const computed = new Set(made);
  const given = [...values].filter((value) => !computed.has(value));
  return [...given, ...made];
}

/** The node that a value comes from; a layer for the clamp that it does the work of. */
function makerOf(value: string, { producer }: GraphIndex, plan: QuantizationPlan): Node | undefined {
  const node = producer.get(value);
  return node !== undefined && plan.absorbed.has(node) ? producer.get(node.inputs[0] ?? '') : node;
}

function notFinite(
  model: Model,
  maker: Node | undefined,
  value: string,
  range: Range,
  { source }: DataSet,
): EdgewiseError {
  const layer = layersOf(model).find(({ node }) => node === maker)?.name;
  const what = Number.isNaN(range.min) ? 'NaN' : 'infinite values';
  return new EdgewiseError(
    'bad-data',
    `${layer === undefined ? `The input ${value}` : `The layer ${layer}`} has ${what} on the calibration samples of ${source}. Check how the data is normalized, or whether the original model works on it.`,
  );
}

/** @param warnings why layers with weights stay float: the first of them says what a user wants to know */
function nothingToQuantize({ files }: Model, [why]: readonly string[]): EdgewiseError {
  const file = files[0]?.path;
  const reason = why === undefined ? 'with constant float32 weights that may change' : `it could take: ${why}`;
  return new EdgewiseError(
    'unsupported',
    `Static int8 has nothing to do in ${file === undefined ? 'the model' : quoted(file)}: no Conv, Gemm or MatMul ${reason.replace(/\.$/, '')}. Try weight-only int8 instead.`,
    file === undefined ? {} : { file },
  );
}
