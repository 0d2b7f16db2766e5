import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { newNode } from '../../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../../src/core/compression/graph/new-weights';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import type { Model } from '../../../../src/core/model/model';
import { openSession } from '../../../../src/core/runtime/session';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { LABELS } from '../../../../src/core/training/losses/loss';
import { optimizerOf } from '../../../../src/core/training/settings/optimizer-of';
import { TrainingState } from '../../../../src/core/training/trainer/state';
import { buildTrainingGraph, EMPTY_GRAPH, type TrainingGraph } from '../../../../src/core/training/training-graph';
import { compare } from '../gradients/check';
import { array } from '../reference/array';
import { stored, tensorSchema } from '../stored';

const caseSchema = z.object({
  title: z.string(),
  settings: z.object({
    optimizer: z.enum(['sgd', 'adam', 'adamw', 'rmsprop']),
    momentum: z.number().optional(),
    nesterov: z.boolean().optional(),
  }),
  ...{ clip: z.number().nullable(), accumulate: z.number(), average: z.number().nullable(), weightDecay: z.number() },
  groups: z.object({ rate: z.number(), weightDecay: z.number() }).nullable(),
  losses: z.array(z.number()),
  values: z.record(z.string(), z.array(z.number())),
});
type StoredCase = z.infer<typeof caseSchema>;

const { batch, rates, start, cases, data, labels } = stored(
  'optimizers.json',
  z.object({
    ...{ batch: z.number(), rates: z.array(z.number()), start: z.record(z.string(), tensorSchema) },
    ...{ cases: z.array(caseSchema), data: z.array(z.array(z.number())), labels: z.array(z.array(z.number())) },
  }),
);
/** Of ten steps in float32 beside PyTorch in float64, relative to the norm. */
const TOLERANCE = 1e-5;

const starts = new Map(Object.entries(start).map(([name, { values }]) => [name, Float32Array.from(values)]));

/** The network of make.py: two layers with tanh between. */
function network(): Model {
  const transB = { transB: { kind: 'int', value: 1 } } as const;
  const weights = Object.entries(start).map(([name, { shape, values }]) =>
    float32Weight(name, shape, Float32Array.from(values)),
  );
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: {
      ...EMPTY_GRAPH,
      nodes: [
        newNode('Gemm', ['x', 'first.weight', 'first.bias'], ['sums'], transB),
        newNode('Tanh', ['sums'], ['active']),
        newNode('Gemm', ['active', 'second.weight', 'second.bias'], ['scores'], transB),
      ],
      inputs: [{ name: 'x', type: { dtype: 'float32', shape: [batch, 4] } }],
      outputs: [{ name: 'scores', type: { dtype: 'float32', shape: [batch, 3] } }],
      weights: new Map(weights.map((each) => [each.name, each])),
    },
  };
}

function graphOf({ settings, clip, accumulate, average, groups, weightDecay }: StoredCase): TrainingGraph {
  return buildTrainingGraph(network(), {
    ...{ dims: {}, mode: { normalization: 'training', dropout: true }, learned: starts, running: new Map() },
    ...{ loss: crossEntropy(), optimizer: optimizerOf(settings) },
    update: { clipNorm: clip, accumulate, average, weightDecay },
    ...(groups === null
      ? {}
      : { groups: { biases: groups }, groupOf: (name) => (name.endsWith('bias') ? 'biases' : 'weights') }),
  });
}

async function steps(given: StoredCase): Promise<{ losses: number[]; values: Map<string, Float32Array> }> {
  const graph = graphOf(given);
  const state = new TrainingState(graph);
  const session = await openSession(await encodeOnnx(graph.model), { threads: 1 });
  const losses: number[] = [];
  try {
    for (const [step, values] of data.entries()) {
      const update = Math.floor(step / given.accumulate);
      const apply = (step + 1) % given.accumulate === 0;
      const answers = await session.run({
        ...state.feeds(step, { rate: rates[update] ?? 0, update: update + 1, apply, seed: 1 }),
        x: { dtype: 'float32', shape: [batch, 4], data: Float32Array.from(values) },
        [LABELS]: { dtype: 'int64', shape: [batch], data: BigInt64Array.from(labels[step] ?? [], BigInt) },
      });
      losses.push(Number(answers[graph.loss]?.data[0]));
      state.advance(answers);
    }
  } finally {
    await session.close();
  }
  return { losses, values: state.values() };
}

describe('ten steps in the training graph end where PyTorch’s end', () => {
  it.each(cases.map((given) => [given.title, given] as const))('%s', async (_, given) => {
    const { losses, values } = await steps(given);
    compare('losses', row(losses), array([data.length], given.losses), TOLERANCE);
    expect([...values.keys()].sort()).toEqual(Object.keys(given.values).sort());
    for (const [name, theirs] of Object.entries(given.values))
      compare(name, row(values.get(name) ?? []), array([theirs.length], theirs), TOLERANCE);
  });
});

const row = (values: ArrayLike<number>): Tensor => ({
  ...{ dtype: 'float32', shape: [values.length], data: Float32Array.from(values) },
});
