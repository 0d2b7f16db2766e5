import { encodeOnnx } from '../../src/core/formats/onnx/encode';
import type { Model, Node, Weight } from '../../src/core/model/model';

/** A network of `count` convolutions with modules three deep, as a file's bytes. */
export function manyLayers(count: number): Promise<Uint8Array> {
  return network(count, (i) => `stage${Math.floor(i / 40)}.${Math.floor(i / 4) % 10}.conv${(i % 4) + 1}`);
}

/** A network of one convolution that is called `name`. */
export function hostileModel(name: string): Promise<Uint8Array> {
  return network(1, () => name);
}

function network(count: number, moduleOf: (i: number) => string): Promise<Uint8Array> {
  const nodes: Node[] = [];
  const weights = new Map<string, Weight>();
  let value = 'image';
  for (let i = 0; i < count; i++) {
    const module = moduleOf(i);
    const next = i === count - 1 ? 'features' : `/${module}/out`;
    weights.set(`${module}.weight`, weight(`${module}.weight`, i));
    nodes.push(convolution(module, [value, `${module}.weight`], next));
    value = next;
  }
  const type = { dtype: 'float32', shape: ['batch', 8, 16, 16] } as const;
  const model: Model = {
    format: 'onnx',
    formatVersion: 'IR 8',
    producer: 'pytorch 2.13.0',
    opsets: new Map([['', 17]]),
    metadata: new Map(),
    graph: {
      name: 'many',
      nodes,
      inputs: [{ name: 'image', type }],
      outputs: [{ name: 'features', type }],
      values: new Map(),
      weights,
    },
    functions: [],
    files: [],
  };
  return encodeOnnx(model);
}

function convolution(module: string, inputs: string[], output: string): Node {
  return {
    name: `/${module.replaceAll('.', '/')}/Conv`,
    opType: 'Conv',
    domain: '',
    inputs,
    outputs: [output],
    attributes: new Map([
      ['kernel_shape', { kind: 'ints', value: [3, 3] }],
      ['pads', { kind: 'ints', value: [1, 1, 1, 1] }],
    ]),
    metadata: new Map(),
  };
}

/** Eight filters of 8x3x3; the first of every third layer are near zero, so that there is something to suggest. */
function weight(name: string, seed: number): Weight {
  const values = new Float32Array(8 * 8 * 9);
  let state = seed + 1;
  for (let i = 0; i < values.length; i++) {
    state = (state * 16807) % 2147483647;
    const small = seed % 3 === 0 && i < 2 * 72 ? 0.01 : 1;
    values[i] = (state / 2147483647 - 0.5) * small;
  }
  return { name, dtype: 'float32', shape: [8, 8, 3, 3], data: { kind: 'bytes', bytes: new Uint8Array(values.buffer) } };
}
