import { FreshNames } from '../../compression/graph/fresh-names';
import type { ActivationParameters } from '../../compression/quantization/static/activation-parameters';
import { EdgewiseError } from '../../errors';
import { encodeOnnx } from '../../formats/onnx/encode';
import type { Model, Value } from '../../model/model';
import { openSession } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import { frozenScope, type VariableValues } from '../evaluation-model';
import { GraphBuilder } from '../graph/builder';
import { float32, type Term } from '../graph/term';
import { EMPTY_GRAPH } from '../training-graph';
import type { AwarePlan } from './aware-transform';

/** What layers have learned to compute with. */
export interface LearnedQuantization {
  /** By initializer: the weight on its grid, and the steps of the grid. */
  readonly weights: ReadonlyMap<string, { readonly values: Float32Array; readonly steps: Float32Array }>;
  /** By value of the model: `real = (code - zeroPoint) * scale`. */
  readonly activations: ReadonlyMap<string, ActivationParameters>;
}

/**
 * Computes quantized weights and steps from trained variables, by the very nodes that training used.
 * @param shapes of the plan's weights
 */
export async function learnedQuantization(
  plan: AwarePlan,
  values: VariableValues,
  shapes: (weight: string) => readonly number[],
): Promise<LearnedQuantization> {
  const build = new GraphBuilder({ names: new FreshNames(EMPTY_GRAPH), opset: OPSET });
  const scope = frozenScope(build, values);
  const kept = (term: Term): Term => build.one('Identity', [term], float32(null));
  const weights = [...plan.weights].map(([name, settings]) => {
    const weight = scope.learned(name, shapes(name), settings.start);
    const { value, step } = plan.method.weight({ ...settings, scope, name, weight });
    return { name, value: kept(value), step: kept(step) };
  });
  const activations = [...plan.activations.values()].map(({ source, bits, range }) => {
    const call = { scope, name: source, value: build.constant(0, [1]), bits, range };
    const { step, zeroPoint } = plan.method.activation(call);
    return { source, step: kept(step), zeroPoint, bits };
  });
  const outputs = [...weights.flatMap(({ value, step }) => [value, step]), ...activations.map(({ step }) => step)];
  const answers = outputs.length === 0 ? {} : await computed(build, outputs);
  const numbers = (term: Term): Float32Array => numbersOf(answers, term);
  return {
    weights: new Map(weights.map(({ name, value, step }) => [name, { values: numbers(value), steps: numbers(step) }])),
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
/** Any set with the operators that methods use. */
const OPSET = 17;

async function computed(build: GraphBuilder, outputs: readonly Term[]): Promise<Record<string, Tensor>> {
  const value = ({ name }: Term): Value => ({ name, type: { dtype: 'float32', shape: null } });
  const model: Model = {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', metadata: new Map(), functions: [], files: [] },
    opsets: new Map([['', OPSET]]),
    graph: { ...EMPTY_GRAPH, nodes: build.nodes, weights: build.weights, outputs: outputs.map(value) },
  };
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
