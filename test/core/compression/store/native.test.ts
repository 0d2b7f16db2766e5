import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
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
import { affine, random, type Encoded } from '../encoded';
import { collect, floats, initializer, int, model, node, value, type GraphParts } from '../models';
import { answers, scratchFolder } from '../running';

const folder = scratchFolder();

function product(rows: number, columns: number, weight: Float32Array): GraphParts {
  return {
    nodes: [node('MatMul', ['x', 'w'], ['y'])],
    weights: [initializer('w', [rows, columns], weight)],
    inputs: [value('x', ['n', rows])],
    outputs: [value('y', ['n', columns])],
  };
}

function feed(shape: number[]): Tensor {
  const next = random(11);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
  return { dtype: 'float32', shape, data };
}

function stored(from: Model, tensor: EncodedTensor, form: 'native' = 'native'): Model {
  return onnxEncodings.store(from, new Map([['w', tensor]]), form);
}

/** The one weight of a file, as the file means it. */
async function readBack(from: Model) {
  const file = `${folder}/native.onnx`;
  await writeFile(file, await encodeOnnx(from));
  const read = await readModel(file);
  const [layer, ...others] = layersOf(read);
  expect(others).toEqual([]);
  const [weight] = layer?.weights ?? [];
  if (weight === undefined) throw new Error('no weight');
  const kernels = await loadKernels();
  const reader = await openWeights(read);
  try {
    const real = storedValues(kernels, reader, weight);
    if (real === null) throw new Error('no values');
    return { weight, values: floats(await collect(float32Stream(kernels, real.elements, () => real))) };
  } finally {
    await reader.close();
  }
}

describe('a weight under the runtime’s own operators', () => {
  test.each([
    ['int8 per channel', affine([64, 48], { bits: 8, axis: 1 }), 17],
    ['uint8 with zero points', affine([64, 48], { bits: 8, axis: 1, signed: false, symmetric: false }), 17],
    ['int8 in blocks', affine([64, 48], { bits: 8, axis: 0, block: 16 }), 21],
    ['int4 per channel', affine([64, 48], { bits: 4, axis: 1 }), 21],
    ['int4 in blocks', affine([64, 48], { bits: 4, axis: 0, block: 32 }), 21],
    [
      'uint4 in blocks with zero points',
      affine([64, 48], { bits: 4, axis: 0, block: 32, signed: false, symmetric: false }),
      21,
    ],
  ] as [string, Encoded, number][])('%s: DequantizeLinear gives the values', async (_, { tensor, values }, opset) => {
    const parts = product(64, 48, values);
    const shown = model(
      { ...parts, nodes: [node('Identity', ['w'], ['y'])], inputs: [], outputs: [value('y', [64, 48])] },
      opset,
      10,
    );
    const after = stored(shown, tensor, 'native');
    expect(after.graph.nodes.map(({ opType }) => opType)).toEqual(['DequantizeLinear', 'Identity']);
    expect((await answers(after, {}))['y']?.data).toEqual(values.map((number) => number + 0));
    expect(layersOf(stored(model(parts, opset, 10), tensor, 'native'))[0]?.weights[0]?.name).toBe('w');
  });

  test.each([
    ['int4', affine([64, 48], { bits: 4, axis: 0, block: 32 })],
    ['int8', affine([64, 48], { bits: 8, axis: 0, block: 16 })],
    ['uint4 with zero points', affine([64, 48], { bits: 4, axis: 0, block: 16, signed: false, symmetric: false })],
    ['int4, the last block cut short', affine([50, 48], { bits: 4, axis: 0, block: 16 })],
  ] as [string, Encoded][])('%s in blocks: MatMulNBits before opset 21', async (_, { tensor, values }) => {
    const [rows = 0] = tensor.shape;
    const from = model(product(rows, 48, values), 17);
    const after = stored(from, tensor, 'native');
    expect(after.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMulNBits']);
    expect([...after.graph.weights.keys()]).toContain('w');
    const x = feed([3, rows]);
    const [got, expected] = await Promise.all([answers(after, { x }), answers(from, { x })]);
    const [y, z] = [Array.from(got['y']?.data ?? [], Number), Array.from(expected['y']?.data ?? [], Number)];
    const largest = Math.max(...z.map(Math.abs));
    // The left side may be rounded to 8 bits.
    expect(Math.max(...y.map((number, index) => Math.abs(number - (z[index] ?? NaN))))).toBeLessThan(0.02 * largest);
  });

  test.each([
    ['int4', affine([64, 48], { bits: 4, axis: 0, block: 32 })],
    ['int8', affine([64, 48], { bits: 8, axis: 0, block: 16 })],
    ['uint8 with zero points', affine([64, 48], { bits: 8, axis: 0, block: 16, signed: false, symmetric: false })],
    ['uint4 with zero points', affine([64, 48], { bits: 4, axis: 0, block: 16, signed: false, symmetric: false })],
    [
      'uint4, the last block cut short',
      affine([50, 30], { bits: 4, axis: 0, block: 16, signed: false, symmetric: false }),
    ],
  ] as [string, Encoded][])(
    '%s: MatMulNBits reads back as the right side of the product',
    async (_, { tensor, values }) => {
      const [rows = 0, columns = 0] = tensor.shape;
      const from = model(product(rows, columns, values), 17);
      const { weight, values: got } = await readBack(stored(from, tensor));
      expect(weight.name).toBe('w');
      expect(weight.shape).toEqual([rows, columns]);
      expect(weight.outputAxis).toBe(1);
      expect(weight.encoding).toEqual(encodingOf(tensor));
      expect(got).toEqual(values.map((number) => number + 0));
    },
  );
});

describe('a table under the runtime’s own operators', () => {
  const kinds: [string, Encoded, number][] = [
    ['int4 in blocks', affine([40, 64], { bits: 4, axis: 1, block: 32 }), 17],
    ['uint4 in blocks', affine([40, 64], { bits: 4, axis: 1, block: 16, signed: false }), 17],
    ['uint4 with zero points', affine([40, 64], { bits: 4, axis: 1, block: 16, signed: false, symmetric: false }), 17],
    ['int4 in blocks of rows', affine([40, 64], { bits: 4, axis: 0, block: 16 }), 17],
    ['int4 in blocks, the last one cut short', affine([40, 50], { bits: 4, axis: 1, block: 32, symmetric: false }), 17],
    ['int4 per row', affine([40, 50], { bits: 4, axis: 0 }), 17],
    ['int8 in blocks', affine([40, 64], { bits: 8, axis: 1, block: 32 }), 17],
    ['int8 with zero points', affine([40, 64], { bits: 8, axis: 1, block: 32, symmetric: false }), 17],
    ['uint8 in blocks', affine([40, 64], { bits: 8, axis: 1, block: 16, signed: false }), 21],
    ['uint8 with zero points', affine([40, 64], { bits: 8, axis: 1, block: 128, signed: false, symmetric: false }), 21],
    ['int8 per row', affine([40, 64], { bits: 8, axis: 0 }), 13],
  ];
  const table = (values: Float32Array, shape: readonly number[], opset: number): Model =>
    model(
      {
        nodes: [node('Gather', ['w', 'i'], ['y'])],
        weights: [initializer('w', [...shape], values)],
        inputs: [value('i', ['a', 'b'], 'int64')],
        outputs: [value('y', ['a', 'b', shape[1] ?? 0])],
      },
      opset,
      8,
    );
  const i: Tensor = { dtype: 'int64', shape: [2, 3], data: BigInt64Array.of(0n, 39n, 7n, -1n, 16n, 15n) };

  test.each(kinds)('%s: GatherBlockQuantized gives the rows', async (_, { tensor, values }, opset) => {
    const from = table(values, tensor.shape, opset);
    const after = stored(from, tensor);
    expect(after.graph.nodes.map(({ opType }) => opType)).toEqual(['GatherBlockQuantized']);
    expect(after.opsets.get('')).toBe(opset);
    expect((await answers(after, { i }))['y']?.data).toEqual((await answers(from, { i }))['y']?.data);
  });

  test.each(kinds)('%s: reads back as the table', async (_, { tensor, values }, opset) => {
    const { weight, values: got } = await readBack(stored(table(values, tensor.shape, opset), tensor));
    expect(weight.name).toBe('w');
    expect(weight.shape).toEqual(tensor.shape);
    expect(weight.dtype).toBe('float32');
    expect(got).toEqual(values.map((number) => number + 0));
  });

  test('that two nodes look up in is stored once', async () => {
    const { tensor, values } = affine([40, 64], { bits: 4, axis: 1, block: 32 });
    const from = table(values, [40, 64], 17);
    const nodes = [
      node('Gather', ['w', 'i'], ['a']),
      node('Gather', ['w', 'i'], ['b']),
      node('Add', ['a', 'b'], ['y']),
    ];
    const twice = { ...from, graph: { ...from.graph, nodes } };
    const after = stored(twice, tensor);
    expect(after.graph.weights.size).toBe(2);
    expect((await answers(after, { i }))['y']?.data).toEqual((await answers(twice, { i }))['y']?.data);
  });

  test('that is multiplied by as well is dequantized', () => {
    const { tensor, values } = affine([64, 64], { bits: 4, axis: 1, block: 32 });
    const from = table(values, [64, 64], 21);
    const nodes = [node('Gather', ['w', 'i'], ['a']), node('MatMul', ['a', 'w'], ['y'])];
    const after = stored({ ...from, graph: { ...from.graph, nodes } }, tensor);
    expect(after.graph.nodes.map(({ opType }) => opType)).toEqual(['DequantizeLinear', 'Gather', 'MatMul']);
  });
});

describe('models older than what a native form needs', () => {
  const { tensor, values } = affine([64, 64], { bits: 4, axis: 0, block: 32 });
  const twoReaders = (nodes: GraphParts['nodes'], opset: number): Model =>
    model(
      {
        nodes,
        weights: [initializer('w', [64, 64], values)],
        inputs: [value('x', [64, 64])],
        outputs: [value('y', [64, 64])],
      },
      opset,
    );

  test.each([8, 11, 13, 17, 18])('are raised from opset %d where each operator stays the same', async (opset) => {
    const from = twoReaders([node('Add', ['x', 'w'], ['a']), node('MatMul', ['a', 'w'], ['y'])], opset);
    const after = stored(from, tensor);
    expect(after.opsets.get('')).toBe(21);
    expect(after.formatVersion).toBe('IR 10');
    const x = feed([64, 64]);
    expect((await answers(after, { x }))['y']?.data).toEqual((await answers(from, { x }))['y']?.data);
  });

  test('are refused with the operator that does not', () => {
    const nodes = [
      node('Add', ['x', 'w'], ['a']),
      node('GroupNormalization', ['a', 'w', 'w'], ['y'], { num_groups: int(2) }),
    ];
    expect(() => stored(twoReaders(nodes, 18), tensor)).toThrow(
      /GroupNormalization of operator set 18 cannot be raised to 21/,
    );
  });
});
