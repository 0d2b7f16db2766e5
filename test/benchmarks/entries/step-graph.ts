import { readFloats } from '../../../src/core/compression/graph/float-weights';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { elementsOf, type Model } from '../../../src/core/model/model';
import type { Tensor } from '../../../src/core/runtime/tensor';
import type { Forms } from '../../../src/core/training/graph/forms';
import { crossEntropy } from '../../../src/core/training/losses/cross-entropy';
import { batchDims } from '../../../src/core/training/model-inputs';
import { sgd } from '../../../src/core/training/optimizers/sgd';
import { trainableWeights } from '../../../src/core/training/trainable';
import { buildTrainingGraph, type TrainingGraph } from '../../../src/core/training/training-graph';

/** What a step is built from: starting values are read once, however often graphs are built. */
export interface StepModel {
  readonly model: Model;
  readonly learned: ReadonlyMap<string, Float32Array>;
  readonly running: ReadonlyMap<string, Float32Array>;
}

export async function stepModel(model: Model): Promise<StepModel> {
  const reader = await openWeights(model);
  const { learned, running } = trainableWeights(model);
  const values = async (weights: typeof learned): Promise<Map<string, Float32Array>> => {
    const read = new Map<string, Float32Array>();
    for (const weight of weights) read.set(weight.name, await readFloats(reader, weight));
    return read;
  };
  const from = { model, learned: await values(learned), running: await values(running) };
  await reader.close();
  return from;
}

/** Forward, cross-entropy, backward and plain SGD of a batch as one graph. */
export function stepGraph({ model, learned, running }: StepModel, batch: number, forms?: Forms): TrainingGraph {
  return buildTrainingGraph(model, {
    ...{ dims: batchDims(model, batch), mode: { normalization: 'training', dropout: false }, learned, running },
    ...{ loss: crossEntropy(), optimizer: sgd(), ...(forms ? { forms } : {}) },
  });
}

/** Random pixels and labels, and the weights to begin with. */
export function stepFeeds(graph: TrainingGraph): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, shape } of [...graph.inputs, ...graph.random]) {
    const data = Float32Array.from({ length: elementsOf(shape) }, () => Math.random());
    feeds[name] = { dtype: 'float32', shape, data };
  }
  for (const { name, shape } of graph.fed) {
    const data = BigInt64Array.from({ length: elementsOf(shape) }, (_, index) => BigInt(index % 10));
    feeds[name] = { dtype: 'int64', shape, data };
  }
  for (const { input, start } of graph.vectors) feeds[input] = { dtype: 'float32', shape: [start.length], data: start };
  for (const [name, value] of [
    [graph.rate, 0.01],
    [graph.step, 1],
  ] as const)
    feeds[name] = { dtype: 'float32', shape: [], data: Float32Array.of(value) };
  return feeds;
}
