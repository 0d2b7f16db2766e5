import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { newNode } from '../../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../../src/core/compression/graph/new-weights';
import { elementsOf, type Model } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { differentiate } from '../../../../src/core/training/gradients/differentiate';
import { Term } from '../../../../src/core/training/graph/term';
import { binaryCrossEntropy, crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { cosineDistance, meanAbsolute, meanSquared, toTarget } from '../../../../src/core/training/losses/distance';
import { attentionTransfer, distillation, hint } from '../../../../src/core/training/losses/distillation';
import { lossFromGraph } from '../../../../src/core/training/losses/from-graph';
import { targetOf, type Loss } from '../../../../src/core/training/losses/loss';
import { REGULARIZERS, type Regularizer } from '../../../../src/core/training/losses/regularizers';
import { EMPTY_GRAPH } from '../../../../src/core/training/training-graph';
import { compare, newBuilder, runGraph } from '../gradients/check';
import { array } from '../reference/array';
import { stored, tensorSchema, type StoredTensor } from '../stored';

const tensors = z.record(z.string(), tensorSchema);
const caseSchema = z.object({
  ...{ title: z.string(), kind: z.string(), values: tensors, learned: tensors, fed: tensors, loss: z.number() },
  gradients: z.record(z.string(), z.array(z.number())),
  options: z.object({
    smoothing: z.number().optional(),
    classWeights: z.array(z.number()).optional(),
    mixup: z.boolean().optional(),
    temperature: z.number().default(1),
    teacherShape: z.array(z.number()).default([]),
  }),
});
type StoredCase = z.infer<typeof caseSchema>;

const CASES = stored('losses.json', z.array(caseSchema));
/** Of float32 beside PyTorch in float64, relative to the norm. */
const TOLERANCE = 1e-5;
const OPSETS = [13, 17, 21];

const priced =
  (regularizer: Regularizer): Loss =>
  ({ build, output }) =>
    regularizer(build, output);

const LOSSES: Readonly<Record<string, (options: StoredCase['options']) => Loss>> = {
  'cross-entropy': ({ smoothing, classWeights, mixup }) =>
    crossEntropy({
      ...(smoothing === undefined ? {} : { smoothing }),
      ...(classWeights === undefined ? {} : { classWeights }),
      ...(mixup === undefined ? {} : { mixup }),
    }),
  'binary-cross-entropy': () => binaryCrossEntropy(({ name }) => targetOf(name)),
  'squared-error': () => toTarget(meanSquared, 'y'),
  'absolute-error': () => toTarget(meanAbsolute, 'y'),
  cosine: () => toTarget(cosineDistance, 'y'),
  graph: () => lossFromGraph(pseudoHuber(), 'huber.onnx'),
  distillation: ({ temperature }) => distillation('y', temperature),
  hint: ({ teacherShape }) => hint({ student: 'y', teacher: 't', teacherShape, random: () => 0.5 }),
  attention: ({ teacherShape }) => attentionTransfer('y', 't', teacherShape),
  l1: () => priced(REGULARIZERS.l1),
  l2: () => priced(REGULARIZERS.l2),
  'group-lasso': () => priced(REGULARIZERS['group-lasso']),
};

/** `mean(sqrt(1 + (y - target)^2) - 1)`: a model whose inputs are an output of the trained one and its target. */
function pseudoHuber(): Model {
  const one = float32Weight('one', [], Float32Array.of(1));
  const input = (name: string) => ({ name, type: { dtype: 'float32', shape: ['batch', 3, 2] } }) as const;
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: {
      ...EMPTY_GRAPH,
      nodes: [
        newNode('Sub', ['y', 'target_y'], ['distance']),
        newNode('Mul', ['distance', 'distance'], ['squared']),
        newNode('Add', ['squared', 'one'], ['above']),
        newNode('Sqrt', ['above'], ['root']),
        newNode('Sub', ['root', 'one'], ['error']),
        newNode('ReduceMean', ['error'], ['loss'], { keepdims: { kind: 'int', value: 0 } }),
      ],
      inputs: [input('y'), input('target_y')],
      outputs: [{ name: 'loss', type: { dtype: 'float32', shape: [] } }],
      weights: new Map([['one', one]]),
    },
  };
}

function tensorOf(name: string, { shape, values }: StoredTensor): Tensor {
  return name.endsWith('labels')
    ? { dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) }
    : { dtype: 'float32', shape, data: Float32Array.from(values) };
}

/** The same values, row by row: a teacher's are fed as a row a sample. */
const asShape = (known: StoredTensor | undefined, shape: readonly number[]): StoredTensor | undefined =>
  known && elementsOf(known.shape) === elementsOf(shape) ? { ...known, shape: [...shape] } : known;

async function check(given: StoredCase, opset: number): Promise<void> {
  const build = newBuilder(opset);
  const feeds = new Map<Term, Tensor>();
  const terms = new Map<string, Term>();
  const open = (name: string, known: StoredTensor | undefined): Term => {
    const before = terms.get(name);
    if (before) return before;
    if (!known) throw new Error(`the loss asked for ${name}`);
    const tensor = tensorOf(name, known);
    const term = new Term(name, tensor.dtype, tensor.shape);
    terms.set(name, term);
    feeds.set(term, tensor);
    return term;
  };
  const output = open('y', given.values['y']);
  const loss = LOSSES[given.kind]?.(given.options)({
    ...{ build, output, value: (name) => open(name, given.values[name]) },
    fed(name, dtype, shape) {
      const term = open(name, asShape(given.fed[name], shape));
      expect([name, term.dtype, term.shape]).toEqual([name, dtype, shape]);
      return term;
    },
    learned(_, shape) {
      const term = open('projection', given.learned['projection']);
      expect(term.shape).toEqual(shape);
      return term;
    },
  });
  if (!loss) throw new Error(`there is no loss ${given.kind}`);
  expect(loss.shape).toEqual([]);
  const wanted = Object.keys(given.gradients).flatMap((name) => terms.get(name) ?? []);
  const gradients = differentiate(build, loss, wanted);
  const answers = await runGraph(build, feeds, [loss, ...gradients.values()]);
  compare('the loss', answers[loss.name], array([], [given.loss]), TOLERANCE);
  for (const { name, shape } of wanted)
    compare(
      `the gradient of ${name}`,
      answers[gradients.get(name)?.name ?? ''],
      array(shape, given.gradients[name] ?? []),
      TOLERANCE,
    );
}

describe('losses and their gradients are PyTorch’s', () => {
  it('has a case of each', () => {
    expect(new Set(CASES.map(({ kind }) => kind))).toEqual(new Set(Object.keys(LOSSES)));
  });

  it.each(CASES.map((given) => [given.title, given] as const))('%s', async (_, given) => {
    for (const opset of OPSETS) await check(given, opset);
  });
});

describe('a loss given as a graph', () => {
  it('must give one number', () => {
    const model = pseudoHuber();
    const graph = { ...model.graph, outputs: [{ name: 'error', type: { dtype: 'float32', shape: null } as const }] };
    const build = newBuilder(17);
    const term = new Term('y', 'float32', [4, 3, 2]);
    expect(() =>
      lossFromGraph(
        { ...model, graph },
        'huber.onnx',
      )({
        ...{ build, output: term, value: () => term, learned: () => term },
        fed: (name, dtype, shape) => new Term(name, dtype, shape),
      }),
    ).toThrow('The loss "huber.onnx" must give one float32 number.');
  });
});
