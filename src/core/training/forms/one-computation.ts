import { FreshNames } from '../../compression/graph/fresh-names';
import { encodeOnnx } from '../../formats/onnx/encode';
import { elementsOf, type Graph, type Model, type Value } from '../../model/model';
import { openSession, type Session } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import { GraphBuilder } from '../graph/builder';
import type { FormQuestion } from '../graph/forms';
import { Term } from '../graph/term';

const EMPTY: Graph = { name: 'form', nodes: [], inputs: [], outputs: [], values: new Map(), weights: new Map() };
/** Has every operator that forms use. */
const OPSET = 18;

const value = ({ name, dtype, shape }: Term): Value => ({ name, type: { dtype, shape } });

/** Opens a session that computes nothing but what is asked about, in one form. */
export async function openForm(question: FormQuestion, form: string, threads: number): Promise<Session> {
  const build = new GraphBuilder({ names: new FreshNames(EMPTY), opset: OPSET });
  const terms = question.inputs.map((shape, index) => new Term(inputName(index), 'float32', shape));
  const result = question.write(build, form, terms);
  const model: Model = {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', metadata: new Map(), functions: [], files: [] },
    opsets: new Map([
      ['', OPSET],
      ['com.microsoft', 1],
      ['com.microsoft.nchwc', 1],
    ]),
    graph: {
      ...EMPTY,
      ...{ nodes: build.nodes, weights: build.weights },
      ...{ inputs: terms.map(value), outputs: [value(result)] },
    },
  };
  return openSession(await encodeOnnx(model), { threads, name: `"${form}" of ${question.computation}` });
}

/** Numbers from -1 to 1 that are the same each time. */
export function formFeeds({ inputs }: FormQuestion): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map((shape, index) => {
      const data = numbers(elementsOf(shape), index + 1);
      return [inputName(index), { dtype: 'float32', shape, data } satisfies Tensor];
    }),
  );
}

/** Drawn as far as the period goes, and repeated from there. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, LCG_FACTOR) + LCG_SUMMAND) | 0;
    return state / 2 ** 31;
  };
  const drawn = Float32Array.from({ length: Math.min(length, PERIOD) }, next);
  const data = new Float32Array(length);
  for (let offset = 0; offset < length; offset += PERIOD) data.set(drawn.subarray(0, length - offset), offset);
  return data;
}

/** A prime, so that no row of a tensor is another's copy. */
const PERIOD = 65_521;

const inputName = (index: number): string => `input${index}`;

/** A linear congruential generator (Numerical Recipes): speed is what counts here. */
const LCG_FACTOR = 1664525;
const LCG_SUMMAND = 1013904223;
