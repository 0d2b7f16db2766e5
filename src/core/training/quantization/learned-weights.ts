import { FreshNames } from '../../compression/graph/fresh-names';
import type { ActivationParameters } from '../../compression/quantization/static/activation-parameters';
import { EdgewiseError } from '../../errors';
import { encodeOnnx } from '../../formats/onnx/encode';
import type { Model, Node, Value } from '../../model/model';
import { openSession } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import { freeInputs, frozenScope, withTrainedWeights, type VariableValues } from '../evaluation-model';
import { GraphBuilder } from '../graph/builder';
import { importModel } from '../graph/import-model';
import type { Term } from '../graph/term';
import { float32 } from '../graph/term';
import { isFoldingProduct } from '../folded-normalization';
import { EMPTY_GRAPH } from '../training-graph';
import { withoutUnread } from '../without-unread';
import { QuantizedTerms, type CodedWeight } from './quantized-terms';
import type { WeightBits } from './grid';
import type { AwarePlan } from './aware-transform';

/** The numbers with which a layer has learned to compute. */
export interface LearnedLayer {
  readonly weight: Float32Array;
  readonly bias: Float32Array | null;
  /** The grid of the weight, a step or one a channel, none of them negative; null where it is on no grid. */
  readonly grid: LearnedGrid | null;
}

export interface LearnedGrid {
  /** The initializer that learned on it. */
  readonly of: string;
  readonly bits: WeightBits;
  readonly steps: Float32Array;
  /** Whether channels have another sign than the weight that learned. */
  readonly turned: boolean;
}

export interface LearnedQuantization {
  /** By initializer: the weight on its grid, and the steps of the grid. */
  readonly weights: ReadonlyMap<string, { readonly values: Float32Array; readonly steps: Float32Array }>;
  /** By the layer's output in the form that is exported. */
  readonly layers: ReadonlyMap<string, LearnedLayer>;
  /** By value of the model: `real = (code - zeroPoint) * scale`. */
  readonly activations: ReadonlyMap<string, ActivationParameters>;
}

/** What a layer reads, as terms. */
interface LayerTerms {
  readonly output: string;
  readonly weight: Term;
  readonly bias: Term | null;
  readonly coded: CodedWeight | null;
}

/** Inputs of a layer. */
const WEIGHT = 1;
const BIAS = 2;

/**
 * What layers compute with after training: those that are quantized, and those that take a normalization in. The
 * numbers come from the very nodes that training and evaluating use.
 * @param form the model as it is evaluated
 */
export async function learnedQuantization(
  form: Model,
  plan: AwarePlan,
  values: VariableValues,
): Promise<LearnedQuantization> {
  const products = new Set(form.graph.nodes.filter(isFoldingProduct).map(({ outputs }) => outputs[0] ?? ''));
  const isWanted = ({ inputs, outputs }: Node): boolean =>
    products.has(inputs[WEIGHT] ?? '') || plan.layers.has(outputs[0] ?? '');
  const build = new GraphBuilder({ names: new FreshNames(EMPTY_GRAPH), opset: form.opsets.get('') ?? 13 });
  const scope = frozenScope(build, values);
  const terms = new QuantizedTerms(plan, scope);
  const kept = (term: Term): Term => build.one('Identity', [term], float32(null));
  const layers: LayerTerms[] = [];
  importModel(build, withTrainedWeights(form, values), {
    ...{
      dims: {},
      mode: { normalization: 'frozen', dropout: false },
      given: freeInputs(build, form).given,
      asWritten: true,
    },
    operands: (node, inputs) => {
      const read = terms.operands(node, inputs);
      const weight = read[WEIGHT];
      if (weight && isWanted(node)) {
        const bias = read[BIAS] ? kept(read[BIAS]) : null;
        const coded = terms.coded.get(node.inputs[WEIGHT] ?? '') ?? null;
        const step = coded && { ...coded, step: kept(coded.step) };
        layers.push({ output: node.outputs[0] ?? '', weight: kept(weight), bias, coded: step });
      }
      return read;
    },
    instead: (node, inputs) => terms.folded(node, inputs),
    random: () => build.constant(0),
    update: () => undefined,
  });
  const activations = [...plan.activations.values()].map(({ source, ...settings }) => {
    const call = { ...settings, scope, name: source, value: build.constant(0, [1]) };
    const { step, zeroPoint } = plan.method.activation(call);
    return { source, step: kept(step), zeroPoint, bits: settings.bits };
  });
  const weights = [...terms.weights].map(([name, { value, step }]) => ({ name, value: kept(value), step: kept(step) }));
  const ofLayers = layers.flatMap(({ weight, bias, coded }) => [weight, bias, coded?.step].filter((each) => !!each));
  const ofWeights = weights.flatMap(({ value, step }) => [value, step]);
  const answers = await computed(build, form, [...ofLayers, ...ofWeights, ...activations.map(({ step }) => step)]);
  const numbers = (term: Term): Float32Array => numbersOf(answers, term);
  const gridOf = ({ of, bits, step }: CodedWeight): LearnedGrid => {
    const steps = numbers(step);
    return { of, bits, steps: steps.map(Math.abs), turned: steps.some((each) => each < 0) };
  };
  return {
    weights: new Map(weights.map(({ name, value, step }) => [name, { values: numbers(value), steps: numbers(step) }])),
    layers: new Map(
      layers.map(({ output, weight, bias, coded }) => {
        return [output, { weight: numbers(weight), bias: bias && numbers(bias), grid: coded && gridOf(coded) }];
      }),
    ),
    activations: new Map(
      activations.map(({ source, step, zeroPoint, bits }) => {
        const cut = bits < STORED_BITS ? { highestCode: 2 ** bits - 1 } : {};
        return [source, { scale: numbers(step)[0] ?? 0, zeroPoint, ...cut }];
      }),
    ),
  };
}

/** Of the codes that activations are stored as. */
const STORED_BITS = 8;

async function computed(build: GraphBuilder, form: Model, outputs: readonly Term[]): Promise<Record<string, Tensor>> {
  if (outputs.length === 0) return {};
  const value = ({ name }: Term): Value => ({ name, type: { dtype: 'float32', shape: null } });
  const graph = { ...EMPTY_GRAPH, nodes: build.nodes, weights: build.weights, outputs: outputs.map(value) };
  const model: Model = { ...form, metadata: new Map(), graph: withoutUnread(graph) };
  const session = await openSession(await encodeOnnx(model));
  try {
    return await session.run({});
  } finally {
    await session.close();
  }
}

function numbersOf(answers: Readonly<Record<string, Tensor>>, { name }: Term): Float32Array {
  const data = answers[name]?.data;
  if (data instanceof Float32Array) return Float32Array.from(data);
  throw new EdgewiseError('internal', `Nothing was computed for ${name}.`);
}
