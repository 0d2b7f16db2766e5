import { newNode } from '../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../src/core/compression/graph/new-weights';
import type { Model, Node, Weight } from '../../src/core/model/model';
import { EMPTY_GRAPH } from '../../src/core/training/training-graph';
import { stepGraph, stepModel } from './entries/step-graph';

/** Stated limit for a network of 200 layers. */
const LIMIT_MS = 1000;
const LAYERS = 200;
const CHANNELS = 32;
const RUNS = 7;
const ints = (value: readonly number[]) => ({ kind: 'ints', value }) as const;

/** Writing the training graph of a network of 200 convolutions with normalization and Relu. */
export default async function trainingGraph(report: (line: string) => void): Promise<void> {
  const from = await stepModel(deepNetwork());
  const times = Array.from({ length: RUNS }, () => {
    const begin = performance.now();
    const { model } = stepGraph(from, 32);
    return { ms: performance.now() - begin, nodes: model.graph.nodes.length };
  });
  const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
  const middle = sorted[Math.floor(RUNS / 2)] ?? NaN;
  report(
    `training graph of ${LAYERS} layers, ${times[0]?.nodes ?? 0} nodes: ${middle.toFixed(0)} ms (median of ${RUNS}; first ${(times[0]?.ms ?? NaN).toFixed(0)} ms), ${(middle / LIMIT_MS).toFixed(2)} of the limit of ${LIMIT_MS} ms`,
  );
}

function deepNetwork(): Model {
  const nodes: Node[] = [];
  const weights: Weight[] = [];
  const add = (name: string, shape: readonly number[], value: number): string => {
    const numbers = new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(value);
    weights.push(float32Weight(name, shape, numbers));
    return name;
  };
  let value = 'image';
  for (let layer = 0; layer < LAYERS; layer++) {
    const filters = add(`w${layer}`, [CHANNELS, layer === 0 ? 3 : CHANNELS, 3, 3], 0.01);
    nodes.push(newNode('Conv', [value, filters], [`c${layer}`], { pads: ints([1, 1, 1, 1]) }));
    const parameters = [1, 0, 0, 1].map((start, index) => add(`n${layer}.${index}`, [CHANNELS], start));
    nodes.push(newNode('BatchNormalization', [`c${layer}`, ...parameters], [`n${layer}`], {}));
    nodes.push(newNode('Relu', [`n${layer}`], [`r${layer}`], {}));
    value = `r${layer}`;
  }
  nodes.push(newNode('GlobalAveragePool', [value], ['pooled'], {}), newNode('Flatten', ['pooled'], ['scores'], {}));
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: {
      ...EMPTY_GRAPH,
      ...{ nodes, weights: new Map(weights.map((each) => [each.name, each])) },
      inputs: [{ name: 'image', type: { dtype: 'float32', shape: ['batch', 3, 32, 32] } }],
      outputs: [{ name: 'scores', type: { dtype: 'float32', shape: ['batch', CHANNELS] } }],
    },
  };
}
