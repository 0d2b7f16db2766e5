import { scalableInputs, type ScalableInput } from '../../../src/core/compression/repair/scaling/scalable-inputs';
import { withScaledInputs } from '../../../src/core/compression/repair/scaling/scale-inputs';
import type { Model, Node, Weight } from '../../../src/core/model/model';
import { float, initializer, int, ints, model, node, value } from '../compression/models';
import { random } from '../quantization/networks';

/** Tokens and features of what the transformer takes. */
export const TOKENS = [6, 16];
const WIDTH = 32;
const HEADS = 2;
const HIDDEN = 64;

/** The matrices of the transformer, `[inputs, outputs]` but for the last, a `Gemm`'s. */
export const MATRICES = ['embed', 'query', 'key', 'value', 'out', 'up', 'down'].map((name) => `${name}.weight`);

const spread = (count: number, inputs: number, seed: number): Float32Array =>
  random(count, seed).map((each) => each * Math.sqrt(3 / inputs));

/**
 * One block of a transformer as exporters write it, normalized before each half, with a class head over the mean of the
 * tokens: [n, 6, 16] to [n, 10].
 */
export function transformer(normalization: 'LayerNormalization' | 'SimplifiedLayerNormalization'): Model {
  const withBias = normalization === 'LayerNormalization';
  const weights: Weight[] = [];
  const nodes: Node[] = [];
  let seed = 0;

  const linear = (name: string, input: string, inputs: number, outputs: number): string => {
    weights.push(initializer(`${name}.weight`, [inputs, outputs], spread(inputs * outputs, inputs, ++seed)));
    nodes.push(node('MatMul', [input, `${name}.weight`], [`${name}.product`]));
    // Keys go without a bias.
    if (name === 'key') return `${name}.product`;
    weights.push(initializer(`${name}.bias`, [outputs], random(outputs, ++seed)));
    nodes.push(node('Add', [`${name}.product`, `${name}.bias`], [name]));
    return name;
  };
  const normalized = (name: string, input: string): string => {
    const scale = random(WIDTH, ++seed).map((each) => 1 + each / 4);
    weights.push(initializer(`${name}.weight`, [WIDTH], scale));
    if (withBias) weights.push(initializer(`${name}.bias`, [WIDTH], random(WIDTH, ++seed)));
    const inputs = [input, `${name}.weight`, ...(withBias ? [`${name}.bias`] : [])];
    nodes.push(node(normalization, inputs, [name], { axis: int(-1), epsilon: float(1e-5) }));
    return name;
  };
  const heads = (name: string, perm: number[]): string => {
    nodes.push(node('Reshape', [name, 'split'], [`${name}.split`]));
    nodes.push(node('Transpose', [`${name}.split`], [`${name}.heads`], { perm: ints(...perm) }));
    return `${name}.heads`;
  };

  const embedded = linear('embed', 'x', TOKENS[1] ?? 0, WIDTH);
  const first = normalized('norm1', embedded);
  const query = heads(linear('query', first, WIDTH, WIDTH), [0, 2, 1, 3]);
  const key = heads(linear('key', first, WIDTH, WIDTH), [0, 2, 3, 1]);
  const values = heads(linear('value', first, WIDTH, WIDTH), [0, 2, 1, 3]);
  nodes.push(
    node('MatMul', [query, key], ['likeness']),
    node('Mul', ['likeness', 'temperature'], ['scaled']),
    node('Softmax', ['scaled'], ['attention'], { axis: int(-1) }),
    node('MatMul', ['attention', values], ['sum']),
    node('Transpose', ['sum'], ['beside'], { perm: ints(0, 2, 1, 3) }),
    node('Reshape', ['beside', 'merge'], ['merged']),
  );
  nodes.push(node('Add', [embedded, linear('out', 'merged', WIDTH, WIDTH)], ['half']));
  const up = linear('up', normalized('norm2', 'half'), WIDTH, HIDDEN);
  nodes.push(node('Relu', [up], ['active']));
  nodes.push(node('Add', [linear('down', 'active', HIDDEN, WIDTH), 'half'], ['whole']));
  nodes.push(
    node('ReduceMean', [normalized('norm3', 'whole')], ['pooled'], { axes: ints(1), keepdims: int(0) }),
    node('Gemm', ['pooled', 'head.weight', 'head.bias'], ['y'], { transB: int(1) }),
  );
  weights.push(
    initializer('head.weight', [10, WIDTH], spread(10 * WIDTH, WIDTH, ++seed)),
    initializer('head.bias', [10], random(10, ++seed)),
    initializer('split', [4], BigInt64Array.of(0n, 6n, BigInt(HEADS), BigInt(WIDTH / HEADS)), 'int64'),
    initializer('merge', [3], BigInt64Array.of(0n, 6n, BigInt(WIDTH)), 'int64'),
    initializer('temperature', [], Float32Array.of(0.25)),
  );
  return model({ nodes, weights, inputs: [value('x', ['n', ...TOKENS])], outputs: [value('y', ['n', 10])] });
}

/**
 * The same function with channels that stand out, as in large transformers: what each normalization gives is so many
 * times as large in some channels, and what reads them as much smaller.
 */
export function withOutliers(given: Model, factor: number, channels: readonly number[]): Promise<Model> {
  const scales = new Map<ScalableInput, Float64Array>();
  for (const input of scalableInputs(given).filter(({ maker }) => maker === null)) {
    const scale = new Float64Array(input.channels).fill(1);
    for (const channel of channels) scale[channel] = 1 / factor;
    scales.set(input, scale);
  }
  return withScaledInputs(given, scales);
}
