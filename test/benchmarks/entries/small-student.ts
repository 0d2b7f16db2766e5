import { newNode } from '../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../src/core/compression/graph/new-weights';
import { randomNumbers } from '../../../src/core/evaluation/data/split';
import { elementsOf, type Attribute, type Model, type Node, type Weight } from '../../../src/core/model/model';
import { EMPTY_GRAPH } from '../../../src/core/training/training-graph';

const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });

/**
 * The student of the reference: a LeNet of 11,986 parameters (4 and 8 filters, 48 and 24 neurons) with random weights, as
 * PyTorch begins: even from -b to b, `b = 1 / sqrt(inputs of one output)`.
 */
export function smallStudent(seed: number): Model {
  const random = randomNumbers(seed);
  const weights = new Map<string, Weight>();
  const layer = (name: string, shape: readonly number[]): [string, string] => {
    const bound = 1 / Math.sqrt(elementsOf(shape.slice(1)));
    for (const [part, lengths] of [
      ['weight', shape],
      ['bias', shape.slice(0, 1)],
    ] as const) {
      const values = Float32Array.from({ length: elementsOf(lengths) }, () => (2 * random() - 1) * bound);
      weights.set(`${name}.${part}`, float32Weight(`${name}.${part}`, lengths, values));
    }
    return [`${name}.weight`, `${name}.bias`];
  };
  const convolution = (from: string, to: string, shape: readonly number[], pad: number): Node[] => [
    newNode('Conv', [from, ...layer(to, shape)], [to], { kernel_shape: ints(5, 5), pads: ints(pad, pad, pad, pad) }),
    newNode('Relu', [to], [`${to}.active`]),
    newNode('MaxPool', [`${to}.active`], [`${to}.pool`], { kernel_shape: ints(2, 2), strides: ints(2, 2) }),
  ];
  const dense = (from: string, to: string, shape: readonly number[]): Node =>
    newNode('Gemm', [from, ...layer(to, shape)], [to], { transB: { kind: 'int', value: 1 } });
  const nodes = [
    ...convolution('image', 'conv1', [4, 1, 5, 5], 2),
    ...convolution('conv1.pool', 'conv2', [8, 4, 5, 5], 0),
    newNode('Flatten', ['conv2.pool'], ['flat']),
    dense('flat', 'fc1', [48, 200]),
    newNode('Relu', ['fc1'], ['fc1.active']),
    dense('fc1.active', 'fc2', [24, 48]),
    newNode('Relu', ['fc2'], ['fc2.active']),
    dense('fc2.active', 'logits', [10, 24]),
  ];
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: {
      ...{ ...EMPTY_GRAPH, nodes, weights },
      inputs: [{ name: 'image', type: { dtype: 'float32', shape: ['batch', 1, 28, 28] } }],
      outputs: [{ name: 'logits', type: { dtype: 'float32', shape: ['batch', 10] } }],
    },
  };
}
