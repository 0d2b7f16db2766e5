import { newNode } from '../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../src/core/compression/graph/new-weights';
import type { DataSet } from '../../../src/core/evaluation/data';
import { elementsOf, type Model, type Node, type Weight } from '../../../src/core/model/model';
import { EMPTY_GRAPH } from '../../../src/core/training/training-graph';
import { seeded } from './gradients/check';

const SIDE = 8;
const CLASSES = 4;
const FILTERS = 8;
/** Of each class: the direction in which its stripes lie. */
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
] as const;

export interface PictureNetworkOptions {
  /** Some channels are multiplied by negative numbers, as trained networks have it. */
  readonly negativeScales?: boolean;
  /** The last layer as a product and an addition. */
  readonly product?: boolean;
  /** The block's last convolution is the first one's, once more. */
  readonly shared?: boolean;
}

/**
 * A convolution, an inverted residual block with a depthwise one, each with batch normalization, a pool and a last
 * layer: what the kernels for integers have to put together.
 */
export function pictureNetwork({ negativeScales, product, shared }: PictureNetworkOptions = {}): Model {
  const random = seeded(3);
  const weights: Weight[] = [];
  const tensor = (name: string, shape: readonly number[], value: () => number): string => {
    weights.push(float32Weight(name, shape, Float32Array.from({ length: elementsOf(shape) }, value)));
    return name;
  };
  const conv = (name: string, input: string, shape: readonly number[], group = 1, weight?: string): Node => {
    const fan = elementsOf(shape.slice(1));
    const own = weight ?? tensor(`${name}.weight`, shape, () => ((random() * 2 - 1) * 2) / Math.sqrt(fan));
    const pads = shape[2] === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0];
    return newNode('Conv', [input, own], [`${name}.sums`], {
      pads: { kind: 'ints', value: pads },
      group: { kind: 'int', value: group },
    });
  };
  const normal = (name: string): Node => {
    const vector = (part: string, value: () => number): string => tensor(`${name}.${part}`, [FILTERS], value);
    const sign = (): number => (negativeScales && random() < 0.4 ? -1 : 1);
    const inputs = [
      ...[`${name}.sums`, vector('scale', () => (0.7 + random()) * sign()), vector('shift', () => random() - 0.4)],
      ...[vector('mean', () => random() - 0.5), vector('variance', () => 0.5 + random())],
    ];
    return newNode('BatchNormalization', inputs, [`${name}.normal`]);
  };
  tensor('zero', [], () => 0);
  tensor('six', [], () => 6);
  const nodes = [
    ...[conv('stem', 'image', [FILTERS, 1, 3, 3]), normal('stem'), newNode('Relu', ['stem.normal'], ['stem.active'])],
    ...[conv('depth', 'stem.active', [FILTERS, 1, 3, 3], FILTERS), normal('depth')],
    newNode('Clip', ['depth.normal', 'zero', 'six'], ['depth.active']),
    ...[conv('mix', 'depth.active', [FILTERS, FILTERS, 1, 1]), normal('mix')],
    newNode('Add', ['mix.normal', 'stem.active'], ['sum']),
    ...[conv('again', 'sum', [FILTERS, FILTERS, 1, 1], 1, shared ? 'mix.weight' : undefined), normal('again')],
    newNode('Relu', ['again.normal'], ['again.active']),
    newNode('MaxPool', ['again.active'], ['pooled'], {
      kernel_shape: { kind: 'ints', value: [2, 2] },
      strides: { kind: 'ints', value: [2, 2] },
    }),
    newNode('GlobalAveragePool', ['pooled'], ['means']),
    newNode('Flatten', ['means'], ['flat']),
    ...last(product ?? false, tensor, random),
  ];
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: {
      ...{ ...EMPTY_GRAPH, nodes, weights: new Map(weights.map((each) => [each.name, each])) },
      inputs: [{ name: 'image', type: { dtype: 'float32', shape: ['batch', 1, SIDE, SIDE] } }],
      outputs: [{ name: 'scores', type: { dtype: 'float32', shape: ['batch', CLASSES] } }],
    },
  };
}

function last(
  product: boolean,
  tensor: (name: string, shape: readonly number[], value: () => number) => string,
  random: () => number,
): Node[] {
  const weight = tensor('last.weight', [FILTERS, CLASSES], () => random() - 0.5);
  const bias = tensor('last.bias', [CLASSES], () => random() - 0.5);
  return product
    ? [newNode('MatMul', ['flat', weight], ['products']), newNode('Add', ['products', bias], ['scores'])]
    : [newNode('Gemm', ['flat', weight, bias], ['scores'])];
}

/** Pictures of stripes in four directions, with noise. */
export function stripes(length: number, seed: number): DataSet {
  const random = seeded(seed);
  const labels = Int32Array.from({ length }, () => Math.floor(random() * CLASSES));
  const pictures = Array.from(labels, (label) => {
    const [right = 0, down = 0] = DIRECTIONS[label] ?? [];
    const [phase, pace] = [random() * 6, 1.2 + random() * 0.6];
    return Float32Array.from({ length: SIDE * SIDE }, (_, at) => {
      const along = right * (at % SIDE) + down * Math.floor(at / SIDE);
      return 0.5 + 0.3 * Math.sin(pace * along + phase) + (random() - 0.5) * 0.5;
    });
  });
  return {
    ...{ source: 'stripes', length, labels, classNames: null },
    inputs: { image: { dtype: 'float32', shape: [1, SIDE, SIDE] } },
    batch: (indices) => {
      const data = new Float32Array(indices.length * SIDE * SIDE);
      [...indices].forEach((index, at) => {
        data.set(pictures[index] ?? [], at * SIDE * SIDE);
      });
      return Promise.resolve({ inputs: { image: { dtype: 'float32', shape: [indices.length, 1, SIDE, SIDE], data } } });
    },
    picture: () => Promise.resolve(null),
  };
}
