import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import { storedBytes } from '../../../../src/core/analysis/logical-weights';
import { summarize } from '../../../../src/core/analysis/summary';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import type { StorageForm } from '../../../../src/core/formats/format';
import type { Model } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { affine, dense, palette, random, sparse, type Encoded } from '../encoded';
import { initializer, int, ints, model, node, value, type GraphParts } from '../models';
import { answers, optimized, scratchFolder } from '../running';

const folder = scratchFolder();

function convolution(channels: number, weight: Float32Array, names = ['w']): GraphParts {
  const chain = names.map((name, index) =>
    node('Conv', [index === 0 ? 'x' : `h${index}`, name], [index === names.length - 1 ? 'y' : `h${index + 1}`], {
      pads: ints(1, 1, 1, 1),
    }),
  );
  return {
    nodes: chain,
    weights: names.map((name) => initializer(name, [channels, channels, 3, 3], weight)),
    inputs: [value('x', [1, channels, 6, 6])],
    outputs: [value('y', [1, channels, 6, 6])],
  };
}

function feed(shape: number[]): Tensor {
  const next = random(11);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  return { dtype: 'float32', shape, data };
}

const sizeOf = async (model: Model): Promise<number> => (await encodeOnnx(model)).byteLength;

function stored(from: Model, tensor: EncodedTensor, form?: StorageForm): Model {
  return onnxEncodings.store(from, new Map([['w', tensor]]), form);
}

describe('a convolution of 256 x 256 x 3 x 3, 2.36 MB', () => {
  const shape = [256, 256, 3, 3];
  const from = (values: Float32Array) => model(convolution(256, values));
  const cases: [string, Encoded, number, string][] = [
    ['4-bit palette', palette(shape, 4), 296_500, '4-bit palette'],
    ['95 % sparse, 4-bit palette', sparse(shape, 0.05, (kept) => palette(kept, 4)), 40_500, 'sparse 4-bit palette'],
    ['70 % sparse, 4-bit palette', sparse(shape, 0.3, (kept) => palette(kept, 4)), 163_500, 'sparse 4-bit palette'],
    ['3 bits per channel', affine(shape, { bits: 3, axis: 0 }), 224_000, 'int3 per channel'],
  ];

  test.each(cases)('%s: the file is as small as the encoding', async (_, { tensor, values }, most, label) => {
    const after = stored(from(values), tensor);
    expect(await sizeOf(after)).toBeLessThan(most);
    const [layer, ...others] = summarize(after).layers;
    expect(others).toEqual([]);
    expect(layer?.weights[0]?.encodingLabel).toBe(label);
    expect(layer?.parameters).toBe(589_824);
    expect(layer?.bytes).toBeLessThan(most);
    expect(summarize(after).macs).toBe(summarize(from(values)).macs);
  });

  test.each(cases)('%s: answers are the dense model’s, by the same operators', async (_, { tensor, values }) => {
    const x = feed([1, 256, 6, 6]);
    const after = stored(from(values), tensor);
    expect((await answers(after, { x }))['y']?.data).toEqual((await answers(from(values), { x }))['y']?.data);
    const { operators } = await optimized(after, folder);
    expect(operators).toEqual((await optimized(from(values), folder)).operators);
  });
});

describe('bytes, before anything is written', () => {
  const shape = [32, 32, 3, 3];
  const kinds: [string, Encoded][] = [
    ['4-bit palette', palette(shape, 4)],
    ['5-bit palette', palette(shape, 5)],
    ['int3 per channel', affine(shape, { bits: 3, axis: 0 })],
    ['int8 per channel', affine(shape, { bits: 8, axis: 0 })],
    ['uint4 with zero points', affine(shape, { bits: 4, axis: 0, signed: false, symmetric: false })],
    ['sparse palette', sparse(shape, 0.1, (kept) => palette(kept, 4))],
    ['half sparse', sparse(shape, 0.5, dense)],
  ];

  test.each(kinds)('%s: what one more weight of the kind adds to the file', async (_, { tensor, values }) => {
    // One stays as it is, so that the length of the graph keeps as many digits.
    const both = model(convolution(32, values, ['u', 'v', 'w']), 17, 8);
    /** Dimensions, type, name and data of the float weight, each with its header. */
    const replaced = 4 * 32 * 32 * 9 + 8 + 2 + 3 + 4 + 4;
    const added = async (form: StorageForm): Promise<number> => {
      const one = onnxEncodings.store(both, new Map([['v', tensor]]), form);
      const two = onnxEncodings.store(both, new Map(['v', 'w'].map((name) => [name, tensor])), form);
      return (await sizeOf(two)) - (await sizeOf(one)) + replaced;
    };
    expect(await added('smallest')).toBe(onnxEncodings.bytes(both, 'w', tensor));
    // The 37th made-up name is longer by one.
    const longer = (await added('unpacking')) - onnxEncodings.bytes(both, 'w', tensor, 'unpacking');
    expect(longer).toBeGreaterThanOrEqual(0);
    expect(longer).toBeLessThan(50);
  });

  test('positions are kept in the form that takes fewest', () => {
    const bytesOf = (density: number, known: boolean): number => {
      const { tensor, values } = sparse([64, 64, 3, 3], density, dense);
      const { stepCounts, ...masked } = tensor;
      const given = known ? { ...masked, stepCounts } : masked;
      return onnxEncodings.bytes(model(convolution(64, values)), 'w', given as EncodedTensor);
    };
    // A bit an element is 4,608 bytes.
    expect(bytesOf(0.5, true)).toBe(bytesOf(0.5, false));
    expect(bytesOf(0.02, false) - bytesOf(0.02, true)).toBeGreaterThan(3500);
  });

  test('counts what is read back', async () => {
    const { tensor, values } = palette(shape, 4);
    const [layer] = layersOf(stored(model(convolution(32, values)), tensor));
    expect(layer?.weights.map(storedBytes)).toEqual([32 * 32 * 9 * 0.5 + 16 * 4]);
  });
});

describe('weights of one kind', () => {
  test('share their function and their shapes', async () => {
    const { tensor, values } = palette([16, 16, 3, 3], 4);
    const names = ['a', 'b', 'c', 'd'];
    const from = model(convolution(16, values, names));
    const after = onnxEncodings.store(from, new Map(names.map((name) => [name, tensor])));
    expect(after.functions.map(({ name }) => name)).toEqual(['Palette4']);
    expect([...after.graph.weights.values()].filter(({ dtype }) => dtype === 'int64')).toHaveLength(1);
    expect(layersOf(after).map(({ weights: [weight] }) => weight?.name)).toEqual(names);
  });

  test('can be stored anew in another encoding, which leaves nothing of the first', async () => {
    const first = palette([16, 16, 3, 3], 4);
    const second = affine([16, 16, 3, 3], { bits: 3, axis: 0 });
    const from = model(convolution(16, first.values));
    const again = stored(stored(from, first.tensor), second.tensor);
    const once = stored(from, second.tensor);
    expect(again.functions).toEqual(once.functions);
    expect([...again.graph.weights.values()].map(({ dtype }) => dtype)).toEqual(
      [...once.graph.weights.values()].map(({ dtype }) => dtype),
    );
    const x = feed([1, 16, 6, 6]);
    expect((await answers(again, { x }))['y']?.data).toEqual((await answers(once, { x }))['y']?.data);
  });
});

describe('older files', () => {
  test.each([7, 9, 11, 12])('of opset %d are raised for what they would not hold', async (opset) => {
    const { tensor, values } = palette([16, 16, 3, 3], 4);
    const from = model(convolution(16, values), opset, 4);
    const after = stored(from, tensor);
    expect(after.opsets.get('')).toBe(13);
    const x = feed([1, 16, 6, 6]);
    expect((await answers(after, { x }))['y']?.data).toEqual((await answers(from, { x }))['y']?.data);
  });

  test.each([13, 15, 18, 21, 23])('of opset %d keep it', async (opset) => {
    const { tensor, values } = sparse([16, 16, 3, 3], 0.1, (kept) => palette(kept, 4));
    const after = stored(model(convolution(16, values), opset, 10), tensor);
    expect(after.opsets.get('')).toBe(opset);
    expect((await optimized(after, folder)).operators.filter((name) => name !== 'Conv')).toEqual(
      (await optimized(model(convolution(16, values), opset, 10), folder)).operators.filter((name) => name !== 'Conv'),
    );
  });

  test('before IR 4 hold the operators themselves, and list what they read among the inputs', async () => {
    const { tensor, values } = palette([16, 16, 3, 3], 4);
    const after = stored(model(convolution(16, values), 13, 3), tensor);
    expect(after.functions).toEqual([]);
    expect(after.formatVersion).toBe('IR 3');
    expect(after.graph.inputs.length).toBe(1 + after.graph.weights.size);
    const x = feed([1, 16, 6, 6]);
    const from = model(convolution(16, values), 13, 3);
    expect((await answers(after, { x }))['y']?.data).toEqual((await answers(from, { x }))['y']?.data);
  });
});

test('weights of another dtype come back in it', async () => {
  const { tensor, values } = palette([8, 8], 4);
  const halves = new Uint16Array(64);
  const from = model({
    nodes: [node('Cast', ['w'], ['y'], { to: int(1) })],
    weights: [initializer('w', [8, 8], halves, 'float16')],
    inputs: [],
    outputs: [value('y', [8, 8])],
  });
  const got = (await answers(stored(from, tensor), {}))['y']?.data;
  Array.from(got ?? [], Number).forEach((number, index) => {
    expect(Math.abs(number - (values[index] ?? NaN))).toBeLessThanOrEqual(2 ** -11);
  });
});

describe('onnxruntime-web, in WebAssembly', () => {
  test.each([
    ['4-bit palette', palette([16, 16, 3, 3], 4)],
    ['3-bit palette', palette([16, 16, 3, 3], 3)],
    ['sparse, steps', sparse([16, 16, 3, 3], 0.05, (kept) => palette(kept, 4))],
    ['sparse, mask', sparse([16, 16, 3, 3], 0.4, (kept) => affine(kept, { bits: 5 }))],
    ['int4 in blocks', affine([16, 16, 3, 3], { bits: 4, axis: 1, block: 16 })],
  ] as [string, Encoded][])('%s: opens and gives the dense model’s answers', async (_, { tensor, values }) => {
    const ort = await import('onnxruntime-web');
    const folder = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
    ort.env.wasm.wasmPaths = `${pathToFileURL(folder).href}/`;
    ort.env.wasm.numThreads = 1;
    const run = async (model: Model): Promise<unknown> => {
      const session = await ort.InferenceSession.create(await encodeOnnx(model), { executionProviders: ['wasm'] });
      const x = feed([1, 16, 6, 6]);
      const { y } = await session.run({ x: new ort.Tensor('float32', x.data as Float32Array, x.shape) });
      return y?.data;
    };
    const from = model(convolution(16, values));
    expect(await run(stored(from, tensor))).toEqual(await run(from));
  });
});
