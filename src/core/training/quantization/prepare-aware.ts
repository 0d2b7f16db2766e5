import { constantNumbers } from '../../analysis/tensor-constants';
import { layersOf } from '../../analysis/layers';
import { calibrate } from '../../compression/calibration/calibrate';
import { planStatic, type StaticPlan } from '../../compression/quantization/static';
import { prepareUnfolded } from '../../compression/quantization/static/preparation';
import { ruleOf } from '../../compression/quantization/static/operators';
import { readFloats } from '../../compression/graph/float-weights';
import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import { openWeights } from '../../formats/weight-reader';
import type { Model, Node } from '../../model/model';
import type { JobContext } from '../../progress';
import { layersNamed } from '../../recipe/layer-patterns';
import type { AwareOptions } from '../../recipe/train.schema';
import { rangeAdvice } from '../../runtime/reduced-range';
import { trainableWeights } from '../trainable';
import { awareLayers, type AwareLayer } from './aware-layers';
import type { AwareActivation, AwarePlan, AwareWeight } from './aware-transform';
import { METHODS } from './methods';
import { earlierPlans, type EarlierPlan } from './progressive';
import { withPositiveScales } from './positive-scales';

export interface AwareRequest {
  readonly model: Model;
  readonly options: AwareOptions;
  /** For the ranges with which activations begin; null where only weights are quantized. */
  readonly calibration: DataSet | null;
  readonly file: string;
  readonly context: JobContext;
  /** Gets sentences for the report. */
  readonly warn?: (sentence: string) => void;
}

/** A model that is ready to learn with few bits. */
export interface AwareModel {
  /** The model that learns: the original, or a form of it whose values can be quantized. */
  readonly model: Model;
  readonly plan: AwarePlan;
  /** With more bits, for the beginning; empty where all have their last ones from the start. */
  readonly earlier: readonly EarlierPlan[];
  readonly layers: readonly AwareLayer[];
  /** Names of layers that stay float. */
  readonly keep: ReadonlySet<string>;
  /** Bits of the widest weights that are multiplied exactly. */
  readonly widest: number;
}

/** Samples that are enough for a beginning: steps learn afterwards. */
const RANGE_SAMPLES = 256;
const WIDEST = 8;

/**
 * Decides what is quantized while a model learns: the weights of its layers, and with `activations` exactly the values
 * that static quantization stores as codes, so that what is exported is what was trained.
 * @throws EdgewiseError `bad-recipe` where nothing is left to quantize; `usage` without samples for ranges
 */
export async function prepareAware(request: AwareRequest): Promise<AwareModel> {
  const { options, file, warn } = request;
  const named = layersNamed(
    options.keep,
    layersOf(request.model).map(({ name, node }) => ({ name, operator: node.opType })),
    file,
  );
  const bits = activationBits(options);
  const model = bits === null ? request.model : await unfolded(request.model);
  const learned = new Set(trainableWeights(model).learned.map(({ name }) => name));
  const method = METHODS[options.method];
  const widest = await widestCodes(options, bits, warn);
  const { layers, keep } = awareLayers(model, { options, method, learned, keep: named, widest });
  if (layers.length === 0)
    throw new EdgewiseError('bad-recipe', `No layer of "${file}" is left to quantize. Keep fewer, or name --weights.`, {
      file,
    });
  const activations = bits === null ? null : await quantizedActivations(request, model, keep, bits);
  const plan: AwarePlan = {
    ...{ method, widest, layers: activations?.layers ?? new Set() },
    weights: await startsOf(model, layers),
    activations: activations?.values ?? new Map<string, AwareActivation>(),
    readsCodes: activations?.readsCodes ?? (() => false),
  };
  return { ...{ model, layers, keep, widest, plan }, earlier: earlierPlans(plan, options, file) };
}

/** Bits of activations; null where they stay float. */
export function activationBits({ activations }: AwareOptions): number | null {
  return activations === 'float32' ? null : Number(activations.replace('uint', ''));
}

/** Bits of the widest weights: 7 where this processor cannot multiply 8 exactly, so that what is trained is what runs. */
async function widestCodes(
  { weights, ends }: AwareOptions,
  activations: number | null,
  warn?: (sentence: string) => void,
): Promise<number> {
  if (activations === null) return WIDEST;
  const { reduce, why } = await rangeAdvice('auto');
  const hasWidest = weights === undefined || weights === 'int8' || ends === 'int8';
  if (reduce && hasWidest) warn?.(why);
  return reduce ? WIDEST - 1 : WIDEST;
}

async function unfolded(model: Model): Promise<Model> {
  const reader = await openWeights(model);
  try {
    return await withPositiveScales(await prepareUnfolded(model, reader));
  } finally {
    await reader.close();
  }
}

async function startsOf(model: Model, layers: readonly AwareLayer[]): Promise<Map<string, AwareWeight>> {
  const reader = await openWeights(model);
  try {
    const starts = new Map<string, AwareWeight>();
    for (const { weight, bits, axis } of layers)
      starts.set(weight.name, { shape: weight.shape, bits, axis, start: await readFloats(reader, weight) });
    return starts;
  } finally {
    await reader.close();
  }
}

interface QuantizedActivations {
  readonly values: ReadonlyMap<string, AwareActivation>;
  readonly readsCodes: AwarePlan['readsCodes'];
  readonly layers: AwarePlan['layers'];
}

async function quantizedActivations(
  { calibration, file, context }: AwareRequest,
  model: Model,
  keep: ReadonlySet<string>,
  bits: number,
): Promise<QuantizedActivations> {
  if (calibration === null)
    throw new EdgewiseError('usage', `Quantizing activations of "${file}" needs samples for their ranges.`, { file });
  const planned = await planStatic(model, { keep: [...keep], given: new Map() });
  const sources = [...new Set(planned.plan.values.values())];
  const ranges = await calibrate(planned.reference, sources, calibration, {
    ...{ samples: RANGE_SAMPLES, context, method: 'mse', highestCode: 2 ** bits - 1 },
  });
  const values = new Map<string, AwareActivation>();
  const limits = absorbedLimits(planned);
  for (const [value, source] of planned.plan.values) {
    const range = ranges.get(source);
    const most = limits.get(source);
    if (range) values.set(value, { bits, source, range, ...(most === undefined ? {} : { most }) });
  }
  const layers = new Set([...planned.choices.layers.keys()].map(({ outputs }) => outputs[0] ?? ''));
  return { values, layers, readsCodes: readersOf(planned, model, layers) };
}

/** Upper bounds of clamps that go when a model is exported, by what they give: the last code has to do their work. */
function absorbedLimits({ plan, reference }: StaticPlan): Map<string, number> {
  return new Map(
    [...plan.absorbed].flatMap(({ opType, inputs, outputs }): [string, number][] => {
      const weight = opType === 'Clip' ? reference.graph.weights.get(inputs[2] ?? '') : undefined;
      const [most] = (weight && constantNumbers(weight)) ?? [];
      return most === undefined ? [] : [[outputs[0] ?? '', most]];
    }),
  );
}

/** Who reads codes, as the QDQ form has it: nodes are told by layer and output, since folding makes new ones. */
function readersOf({ plan, choices }: StaticPlan, model: Model, folded: ReadonlySet<string>): AwarePlan['readsCodes'] {
  const quantized = new Set([...choices.layers.values()].map(({ name }) => name));
  const unfolded = layersOf(model).flatMap(({ name, node }) => (quantized.has(name) ? [node.outputs[0] ?? ''] : []));
  const layers = new Set([...folded, ...unfolded]);
  const carried = new Map([...plan.carried].map((node) => [node.outputs[0] ?? '', ruleOf(node)?.role]));
  return (node: Node, input, value) => {
    if (!plan.values.has(value)) return false;
    if (plan.madeAs8Bit.has(value)) return true;
    const [output = ''] = node.outputs;
    return layers.has(output) ? input === 0 : carried.get(output) === 'arithmetic';
  };
}
