import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { layersOf, type LayerWeight } from '../../../../src/core/analysis/layers';
import { storedBytes } from '../../../../src/core/analysis/logical-weights';
import { summarize } from '../../../../src/core/analysis/summary';
import { float32Stream } from '../../../../src/core/compression/encodings/dense';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { encodingOf } from '../../../../src/core/compression/encodings/encoding-of';
import { storedValues } from '../../../../src/core/compression/encodings/stored';
import { readModel } from '../../../../src/core/formats';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../../src/core/kernels';
import type { Model } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { affine, palette, random, type Encoded } from '../encoded';
import { collect, floats, initializer, int, ints, model, node, value, type GraphParts } from '../models';
import { answers, optimized, scratchFolder } from '../running';

const folder = scratchFolder();

/** A runtime that unpacks no more than this when it loads a model: a third or so of the weights here. */
const LARGEST = 8 * 1024;

function feed(shape: number[]): Tensor {
  const next = random(11);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  return { dtype: 'float32', shape, data };
}

function stored(from: Model, tensor: EncodedTensor, form: 'smallest' | 'unpacking'): Model {
  return onnxEncodings.store(from, new Map([['w', tensor]]), form, LARGEST);
}

function dense(values: Float32Array, shape: number[]): Encoded {
  const halves = Uint16Array.from({ length: values.length }, (_, index) => 0x2c00 + ((index * 37) % 2048));
  const bytes = new Uint8Array(halves.buffer);
  const data = {
    byteLength: bytes.length,
    async *chunks() {
      for (let start = 0; start < bytes.length; start += 1000)
        yield await Promise.resolve(bytes.slice(start, start + 1000));
    },
  };
  const real = Float32Array.from(halves, (half) => 2 ** ((half >> 10) - 15) * (1 + (half & 1023) / 1024));
  return { tensor: { kind: 'dense', shape, dtype: 'float16', data }, values: real };
}

const encodings = (shape: [number, number], outputs: 0 | 1): [string, Encoded][] => [
  ['4-bit palette', palette(shape, 4)],
  ['3-bit palette', palette(shape, 3)],
  ['4-bit palette in groups of outputs', palette(shape, 4, 6, outputs)],
  ['int4 per output', affine(shape, { bits: 4, axis: outputs })],
  ['int2 with zero points', affine(shape, { bits: 2, axis: outputs, signed: false, symmetric: false })],
  ['int4 in blocks', affine(shape, { bits: 4, axis: 1 - outputs, block: 16 })],
  ['int8 with zero points', affine(shape, { bits: 8, axis: outputs, symmetric: false })],
  ['float16', dense(new Float32Array(shape[0] * shape[1]), shape)],
];

async function readBack(from: Model): Promise<{ weight: LayerWeight; values: Float32Array; layers: string[] }> {
  const file = `${folder}/read-back.onnx`;
  await writeFile(file, await encodeOnnx(from));
  const read = await readModel(file);
  const layers = layersOf(read);
  const weight = layers.flatMap(({ weights }) => weights).find(({ role }) => role === 'weight');
  if (weight === undefined) throw new Error('no weight');
  const kernels = await loadKernels();
  const reader = await openWeights(read);
  try {
    const real = storedValues(kernels, reader, weight);
    if (real === null) throw new Error('no values');
    const bytes = await collect(float32Stream(kernels, real.elements, () => real));
    return { weight, values: floats(bytes), layers: layers.map(({ name }) => name) };
  } finally {
    await reader.close();
  }
}

describe.each(['smallest', 'unpacking'] as const)(
  'a product by a weight too large to be unpacked at once, %s',
  (form) => {
    const product = (values: Float32Array, nodes: GraphParts['nodes'], shape: [number, number]): Model =>
      model({
        nodes,
        weights: [
          initializer('w', shape, values),
          initializer(
            'b',
            [96],
            Float32Array.from({ length: 96 }, (_, index) => index / 7),
          ),
          initializer('one', [1], Float32Array.of(0.5)),
        ],
        inputs: [value('x', ['n', 48])],
        outputs: [value('y', ['n', 96])],
      });
    const ways: [string, GraphParts['nodes'], 0 | 1, string[]][] = [
      ['MatMul', [node('MatMul', ['x', 'w'], ['y'])], 1, []],
      ['MatMul and an addition', [node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])], 1, ['b']],
      ['Gemm', [node('Gemm', ['x', 'w'], ['y'])], 1, []],
      ['Gemm with a bias', [node('Gemm', ['x', 'w', 'b'], ['y'])], 1, ['b']],
      ['Gemm with one bias for all', [node('Gemm', ['x', 'w', 'one'], ['y'])], 1, ['one']],
      ['Gemm transposed, with a bias', [node('Gemm', ['x', 'w', 'b'], ['y'], { transB: int(1) })], 0, ['b']],
      [
        'MatMul of the transposed',
        [node('Transpose', ['w'], ['t'], { perm: ints(1, 0) }), node('MatMul', ['x', 't'], ['y'])],
        0,
        [],
      ],
    ];
    const cases = ways.flatMap(([way, nodes, outputs, biases]) =>
      encodings(outputs === 1 ? [48, 96] : [96, 48], outputs).map(
        ([name, encoded]) => [way, name, { nodes, outputs, biases, encoded }] as const,
      ),
    );

    test.each(cases)(
      '%s, %s: the dense model’s answers, and nothing left to unpack',
      async (_, __, { nodes, encoded }) => {
        const shape = [encoded.tensor.shape[0] ?? 0, encoded.tensor.shape[1] ?? 0] as [number, number];
        const from = product(encoded.values, nodes, shape);
        const after = stored(from, encoded.tensor, form);
        const x = feed([5, 48]);
        expect((await answers(after, { x }))['y']?.data).toEqual((await answers(from, { x }))['y']?.data);
        const { operators } = await optimized(after, folder);
        expect(operators.filter((name) => !['MatMul', 'Gemm', 'FusedMatMul', 'Concat', 'Add'].includes(name))).toEqual(
          [],
        );
        expect(operators.filter((name) => name === 'MatMul' || name === 'Gemm').length).toBeGreaterThan(1);
      },
    );

    test.each(cases)('%s, %s: reads back as one layer with one weight', async (_, __, { nodes, encoded, biases }) => {
      const shape = [encoded.tensor.shape[0] ?? 0, encoded.tensor.shape[1] ?? 0] as [number, number];
      const from = product(encoded.values, nodes, shape);
      const after = stored(from, encoded.tensor, form);
      const { weight, values, layers } = await readBack(after);
      expect(layers).toEqual(layersOf(from).map(({ name }) => name));
      expect(weight.name).toBe('w');
      expect(weight.shape).toEqual(encoded.tensor.shape);
      expect(weight.outputAxis).toBe(layersOf(from)[0]?.weights[0]?.outputAxis);
      expect(weight.encoding).toEqual(encodingOf(encoded.tensor));
      expect(values).toEqual(encoded.values.map((number) => number + 0));
      const [before, now] = [summarize(from), summarize(after)];
      expect(now.macs).toBe(before.macs);
      expect(now.layers[0]?.macs).toBe(before.layers[0]?.macs);
      expect(now.parameters).toBe(before.parameters);
      expect(
        layersOf(after)[0]
          ?.weights.filter(({ role }) => role === 'bias')
          .map(({ name }) => name),
      ).toEqual(biases);
    });

    test('two products that share it share its parts', async () => {
      const { tensor, values } = palette([64, 64], 4);
      const from = model({
        nodes: [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'w'], ['y'])],
        weights: [initializer('w', [64, 64], values)],
        inputs: [value('x', ['n', 64])],
        outputs: [value('y', ['n', 64])],
      });
      const after = stored(from, tensor, form);
      const x = feed([2, 64]);
      expect((await answers(after, { x }))['y']?.data).toEqual((await answers(from, { x }))['y']?.data);
      expect(summarize(after).parameters).toBe(4096);
      expect(layersOf(after)).toHaveLength(2);
    });
  },
);

describe.each(['smallest', 'unpacking'] as const)('a table too large to be unpacked at once, %s', (form) => {
  const shape: [number, number] = [300, 32];
  const table = (values: Float32Array, nodes: GraphParts['nodes'], rank: number): Model =>
    model({
      nodes,
      weights: [initializer('w', shape, values)],
      inputs: [value('i', rank === 0 ? [] : Array.from({ length: rank }, (_, axis) => `d${axis}`), 'int64')],
      outputs: [value('y', [...Array.from({ length: rank }, (_, axis) => `d${axis}`), 32])],
    });
  const lookup = [{ ...node('Gather', ['w', 'i'], ['y']), name: '/embed/words/Gather' }];
  const kinds: [string, Encoded][] = [
    ['4-bit palette', palette(shape, 4)],
    ['3-bit palette', palette(shape, 3)],
    ['8-bit palette', palette(shape, 8)],
    ['int4 per row', affine(shape, { bits: 4, axis: 0 })],
    ['int4 per column', affine(shape, { bits: 4, axis: 1 })],
    ['uint2 with zero points', affine(shape, { bits: 2, axis: 0, signed: false, symmetric: false })],
    ['int4 in blocks', affine(shape, { bits: 4, axis: 1, block: 16 })],
    ['int8 per row', affine(shape, { bits: 8, axis: 0 })],
    ['int8 with zero points', affine(shape, { bits: 8, axis: 0, symmetric: false })],
    ['int8 in blocks with zero points', affine(shape, { bits: 8, axis: 1, block: 16, symmetric: false })],
    ['float16', dense(new Float32Array(300 * 32), shape)],
  ];
  const indices = (shape: number[]): Tensor => ({
    dtype: 'int64',
    shape,
    data: BigInt64Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, index) => BigInt((index * 97) % 300) - 1n,
    ),
  });

  test.each(kinds)('%s: rows are the very values, whatever the indices’ shape', async (_, { tensor, values }) => {
    for (const dimensions of [[], [3], [2, 3], [2, 1, 2]]) {
      const from = table(values, lookup, dimensions.length);
      const i = indices(dimensions);
      const [got, expected] = await Promise.all([answers(stored(from, tensor, form), { i }), answers(from, { i })]);
      expect(got['y']).toEqual(expected['y']);
    }
  });

  test.each(kinds)('%s: stays packed in the loaded model', async (_, { tensor, values }) => {
    const after = stored(table(values, lookup, 2), tensor, form);
    const { weights, operators } = await optimized(after, folder);
    expect(operators.filter((name) => name === 'Gather').length).toBeGreaterThan(0);
    expect(
      Object.values(weights).filter((dtype) => dtype === 'uint8' || dtype === 'int8' || dtype === 'float16'),
    ).not.toEqual([]);
  });

  test.each(kinds)('%s: reads back as one layer with one weight', async (_, { tensor, values }) => {
    const from = table(values, lookup, 2);
    const after = stored(from, tensor, form);
    const { weight, values: got, layers } = await readBack(after);
    expect(layers).toEqual(['embed.words']);
    expect(layersOf(after)[0]?.node.opType).toBe('Gather');
    expect(weight.name).toBe('w');
    expect(weight.shape).toEqual(shape);
    expect(weight.encoding).toEqual(encodingOf(tensor));
    expect(got).toEqual(values.map((number) => number + 0));
    expect(summarize(after).parameters).toBe(9600);
    expect(storedBytes(weight)).toBeLessThan(9600 * 2 + 1);
  });

  test('that is looked up in twice is stored once', async () => {
    const { tensor, values } = affine(shape, { bits: 4, axis: 0 });
    const nodes = [
      node('Gather', ['w', 'i'], ['a']),
      node('Gather', ['w', 'i'], ['b']),
      node('Add', ['a', 'b'], ['y']),
    ];
    const from = table(values, nodes, 1);
    const after = stored(from, tensor, form);
    const i = indices([7]);
    expect((await answers(after, { i }))['y']).toEqual((await answers(from, { i }))['y']);
    expect([...after.graph.weights.values()].filter(({ shape: [rows] }) => rows === 300)).toHaveLength(2);
    expect(summarize(after).parameters).toBe(9600);
  });
});
