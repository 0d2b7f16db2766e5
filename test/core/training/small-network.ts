import { newNode } from '../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../src/core/compression/graph/new-weights';
import type { DataSet } from '../../../src/core/evaluation/data';
import type { Model } from '../../../src/core/model/model';
import { elementsOf } from '../../../src/core/model/model';
import { EMPTY_GRAPH } from '../../../src/core/training/training-graph';
import { seeded } from './gradients/check';

/** Two inputs, a hidden layer, two classes: learns which side of a curve a point is on. */
export function smallNetwork(hidden = 16, seed = 1): Model {
  const random = seeded(seed);
  const weight = (name: string, shape: readonly number[]) =>
    float32Weight(
      name,
      shape,
      Float32Array.from({ length: elementsOf(shape) }, () => random() * 2 - 1),
    );
  const weights = [
    weight('first.weight', [hidden, 2]),
    weight('first.bias', [hidden]),
    weight('second.weight', [2, hidden]),
    weight('second.bias', [2]),
  ];
  const transB = { transB: { kind: 'int', value: 1 } } as const;
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: {
      ...EMPTY_GRAPH,
      nodes: [
        newNode('Gemm', ['points', 'first.weight', 'first.bias'], ['sums'], transB),
        newNode('Relu', ['sums'], ['active']),
        newNode('Gemm', ['active', 'second.weight', 'second.bias'], ['scores'], transB),
      ],
      inputs: [{ name: 'points', type: { dtype: 'float32', shape: ['batch', 2] } }],
      outputs: [{ name: 'scores', type: { dtype: 'float32', shape: ['batch', 2] } }],
      weights: new Map(weights.map((each) => [each.name, each])),
    },
  };
}

/** Points in a square; class 1 above the curve `y = sin(3x) / 2`. */
export function pointSet(length: number, seed: number): DataSet {
  const random = seeded(seed);
  const points = Float32Array.from({ length: 2 * length }, () => random() * 2 - 1);
  const labels = Int32Array.from({ length }, (_, index) =>
    (points[2 * index + 1] ?? 0) > Math.sin(3 * (points[2 * index] ?? 0)) / 2 ? 1 : 0,
  );
  return {
    ...{ source: 'points', length, labels, classNames: null },
    inputs: { points: { dtype: 'float32', shape: [2] } },
    batch: (indices) => {
      const data = Float32Array.from(indices.flatMap((index) => [points[2 * index] ?? 0, points[2 * index + 1] ?? 0]));
      return Promise.resolve({ inputs: { points: { dtype: 'float32', shape: [indices.length, 2], data } } });
    },
    picture: () => Promise.resolve(null),
  };
}
