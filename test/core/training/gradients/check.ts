import { expect } from 'vitest';
import { FreshNames } from '../../../../src/core/compression/graph/fresh-names';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import type { Graph, Model, Value } from '../../../../src/core/model/model';
import { openSession } from '../../../../src/core/runtime/session';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { add, mul } from '../../../../src/core/training/graph/arithmetic';
import { GraphBuilder, type BuilderOptions } from '../../../../src/core/training/graph/builder';
import { FIRST_FORMS, type Forms } from '../../../../src/core/training/graph/forms';
import { reduceSum } from '../../../../src/core/training/graph/reduction';
import { Term } from '../../../../src/core/training/graph/term';
import { differentiate } from '../../../../src/core/training/gradients/differentiate';
import { ruleOf } from '../../../../src/core/training/gradients/table';
import { array, type Array64, sizeOf } from '../reference/array';
import type { CaseInput, GradientCase } from './case';

const EMPTY: Graph = { name: 'training', nodes: [], inputs: [], outputs: [], values: new Map(), weights: new Map() };
/** Of float32 beside float64, relative to the gradient's norm. */
const TOLERANCE = 1e-3;
const FORWARD_TOLERANCE = 1e-4;
/** Step of central differences: in float64 their error is about its square. */
const STEP = 1e-5;
const CORNER = 0.05;

export function newBuilder(opset: number, options: Partial<BuilderOptions> = {}): GraphBuilder {
  return new GraphBuilder({ names: new FreshNames(EMPTY), opset, ...options });
}

/** The graph that a builder has written, as a model that a session opens. */
export function modelOf(build: GraphBuilder, inputs: readonly Term[], outputs: readonly Term[]): Model {
  const value = ({ name, dtype, shape }: Term): Value => ({ name, type: { dtype, shape } });
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', metadata: new Map(), functions: [], files: [] },
    opsets: new Map([
      ['', build.opset],
      ['com.microsoft', 1],
    ]),
    graph: {
      ...EMPTY,
      ...{ nodes: build.nodes, weights: build.weights },
      ...{ inputs: inputs.map(value), outputs: outputs.map(value) },
    },
  };
}

/** Runs what a builder has written. */
export async function runGraph(
  build: GraphBuilder,
  feeds: ReadonlyMap<Term, Tensor>,
  outputs: readonly Term[],
): Promise<Record<string, Tensor>> {
  const session = await openSession(await encodeOnnx(modelOf(build, [...feeds.keys()], outputs)), { threads: 1 });
  try {
    return await session.run(Object.fromEntries([...feeds].map(([{ name }, tensor]) => [name, tensor])));
  } finally {
    await session.close();
  }
}

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawn({ shape, from = -1, to = 1, values, corners = [] }: CaseInput, random: () => number): Array64 {
  if (values) return array(shape, values);
  const draw = (): number => {
    const value = Math.fround(from + (to - from) * random());
    return corners.some((corner) => Math.abs(value - corner) < CORNER) ? draw() : value;
  };
  return array(shape, Array.from({ length: sizeOf(shape) }, draw));
}

function tensorOf({ shape, data }: Array64, { integers, booleans }: CaseInput): Tensor {
  if (integers) return { dtype: 'int64', shape, data: BigInt64Array.from(data, (value) => BigInt(value)) };
  if (booleans) return { dtype: 'bool', shape, data: Uint8Array.from(data) };
  return { dtype: 'float32', shape, data: Float32Array.from(data) };
}

const dtypeOf = ({ integers, booleans }: CaseInput): 'int64' | 'bool' | 'float32' =>
  integers ? 'int64' : booleans ? 'bool' : 'float32';

/** Compares forward and every gradient of a case with its reference; all wanted at once, and each alone. */
export async function checkCase(given: GradientCase, opset: number, forms: Forms = FIRST_FORMS): Promise<void> {
  const random = seeded(given.title.length + given.opType.length * 31);
  const specs = given.inputs;
  const numbers = specs.map((spec) => (spec === null ? array([0], []) : drawn(spec, random)));
  const expected = given.reference(numbers);
  const weights = expected.map(({ shape }) =>
    array(
      shape,
      Array.from({ length: sizeOf(shape) }, () => Math.fround(random() * 2 - 1)),
    ),
  );
  const differentiable = specs.flatMap((spec, index) =>
    spec === null || spec.integers || spec.booleans || spec.constant ? [] : [index],
  );
  for (const wanted of new Set([differentiable, ...differentiable.map((index) => [index])]))
    await checkWanted(given, { opset, forms }, { numbers, expected, weights, wanted });
}

interface Drawn {
  readonly numbers: readonly Array64[];
  readonly expected: readonly Array64[];
  readonly weights: readonly Array64[];
  readonly wanted: readonly number[];
}

async function checkWanted(
  given: GradientCase,
  { opset, forms }: { readonly opset: number; readonly forms: Forms },
  drawn: Drawn,
): Promise<void> {
  const { numbers, expected, weights, wanted } = drawn;
  const build = newBuilder(opset, { forms });
  const { terms: inputs, feeds } = inputsOf(build, given.inputs, numbers);
  const outputs = emitted(build, given, inputs, expected);
  const parts = outputs.map((output, index) =>
    reduceSum(build, mul(build, output, build.constant([...(weights[index]?.data ?? [])], output.shape)), undefined, {
      keep: false,
    }),
  );
  const objective = parts.reduce((sum, part) => add(build, sum, part));
  const terms = wanted.flatMap((index) => inputs[index] ?? []);
  const gradients = differentiate(build, objective, terms);
  const answers = await runGraph(build, feeds, [...outputs, ...new Set(gradients.values())]);
  outputs.forEach((output, index) => {
    compare(`output ${index}`, answers[output.name], expected[index], FORWARD_TOLERANCE);
  });
  wanted.forEach((index) => {
    const term = inputs[index];
    const gradient = gradients.get(term?.name ?? '');
    const difference = centralDifference(given, drawn, index);
    if (gradient === undefined && difference.data.every((slope) => slope === 0)) return;
    compare(`gradient of input ${index}`, answers[gradient?.name ?? ''], difference, TOLERANCE);
  });
}

/** Terms for a node's inputs, and what is fed to those that are no constants. */
export function inputsOf(
  build: GraphBuilder,
  specs: readonly (CaseInput | null)[],
  numbers: readonly Array64[],
): { terms: readonly (Term | null)[]; feeds: Map<Term, Tensor> } {
  const feeds = new Map<Term, Tensor>();
  const terms = specs.map((spec, index) => {
    const value = numbers[index];
    if (spec === null || value === undefined) return null;
    const isVector = value.shape.length === 1;
    if (spec.constant && spec.integers && isVector) return build.integers([...value.data]);
    if (spec.constant && !spec.integers) return build.constant([...value.data], value.shape);
    const term = new Term(`input${index}`, dtypeOf(spec), value.shape);
    feeds.set(term, tensorOf(value, spec));
    return term;
  });
  return { terms, feeds };
}

/** The node, in the form it has while it trains. */
export function emitted(
  build: GraphBuilder,
  { opType, domain = '', attributes = {}, mode, random }: GradientCase,
  inputs: readonly (Term | null)[],
  expected: readonly Array64[],
): readonly Term[] {
  const outputs = expected.map(({ shape }, index) => new Term(`output${index}`, 'float32', shape));
  const node = {
    ...{ name: `the ${opType}`, opType, domain, attributes: new Map(Object.entries(attributes)), metadata: new Map() },
    ...{ inputs: inputs.map((input) => input?.name ?? ''), outputs: outputs.map(({ name }) => name) },
  };
  const trained = ruleOf(node)?.forTraining?.({
    ...{ build, node, inputs, outputs, mode: { normalization: 'training', dropout: false, ...mode } },
    random: (shape) => {
      if (random) return build.constant(random, shape);
      throw new Error('nothing is random here');
    },
    update: () => undefined,
  });
  if (trained) return trained;
  build.emitNode(node, inputs, outputs);
  return outputs;
}

function centralDifference({ reference }: GradientCase, { numbers, weights }: Drawn, input: number): Array64 {
  const value = numbers[input];
  if (value === undefined) throw new Error('no such input');
  const objective = (data: Float64Array): number => {
    const outputs = reference(numbers.map((each, index) => (index === input ? { shape: each.shape, data } : each)));
    return outputs.reduce(
      (sum, { data: values }, index) => values.reduce((part, y, at) => part + y * (weights[index]?.data[at] ?? 0), sum),
      0,
    );
  };
  const data = value.data.map((x, index) => {
    const moved = (by: number): Float64Array =>
      Float64Array.from(value.data, (each, at) => (at === index ? x + by : each));
    return (objective(moved(STEP)) - objective(moved(-STEP))) / (2 * STEP);
  });
  return { shape: value.shape, data };
}

/** Norm of the difference beside the norm of what is expected. */
export function compare(what: string, got: Tensor | undefined, expected: Array64 | undefined, tolerance: number): void {
  expect(got, `${what} is there`).toBeDefined();
  if (got === undefined || expected === undefined) return;
  expect(got.shape, `shape of ${what}`).toEqual(expected.shape);
  const values = Array.from(got.data, Number);
  const norm = Math.hypot(...expected.data);
  const difference = Math.hypot(...values.map((value, index) => value - (expected.data[index] ?? 0)));
  expect(
    difference,
    `difference of ${what} [${values.slice(0, 6).join(', ')}] from [${expected.data.slice(0, 6).join(', ')}]`,
  ).toBeLessThanOrEqual(tolerance * Math.max(norm, 1e-3));
}
