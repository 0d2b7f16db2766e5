import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/core/formats';
import { openWeights, weightBytes } from '../../../../src/core/formats/weight-reader';
import type { Weight } from '../../../../src/core/model/model';
import { errorOf, isSentence, scratchFolder } from '../scratch';
import { encodePlain, linearModel, TYPE, type PlainMessage } from './plain-onnx';

const scratch = scratchFolder();

/** Writes a model with one more initializer, reads it, and gives that weight with its dense bytes. */
async function stored(tensor: PlainMessage, field = 'initializer'): Promise<{ weight: Weight; bytes: Uint8Array }> {
  const file = scratch.write('stored.onnx', encodePlain(linearModel({}, { [field]: [tensor] })));
  const model = await readModel(file);
  const weight = model.graph.weights.get('w');
  if (weight === undefined) throw new Error('the weight was not read');
  const reader = await openWeights(model);
  try {
    return { weight, bytes: await reader.read(weight, 0, weightBytes(weight)) };
  } finally {
    await reader.close();
  }
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Compared as a whole: a list of differences of a million bytes helps nobody. */
function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.byteLength).toBe(expected.byteLength);
  expect(Buffer.compare(actual, expected)).toBe(0);
}

/** Small ones are read with the structure, large ones stay on disk: both must give the same numbers. */
describe.each([
  ['small', 10],
  ['large', 200_000],
])('typed fields, %s', (_, count) => {
  const ramp = Array.from({ length: count }, (_unused, i) => (i % 300) - 150);

  it('float_data', async () => {
    const values = ramp.map((value) => value / 8);
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.float, floatData: values });
    expectBytes(bytes, bytesOf(Float32Array.from(values)));
  });

  it('double_data', async () => {
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.double, doubleData: ramp });
    expectBytes(bytes, bytesOf(Float64Array.from(ramp)));
  });

  it('int32_data as int32, negative numbers too', async () => {
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.int32, int32Data: ramp });
    expectBytes(bytes, bytesOf(Int32Array.from(ramp)));
  });

  it('int32_data as int8', async () => {
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.int8, int32Data: ramp });
    expectBytes(bytes, bytesOf(Int8Array.from(ramp)));
  });

  it('int32_data as the bits of float16', async () => {
    const bits = ramp.map((value) => value + 40_000);
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.float16, int32Data: bits });
    expectBytes(bytes, bytesOf(Uint16Array.from(bits)));
  });

  it('int64_data to the ends of its range', async () => {
    const values = ramp.map((value, i) => (i % 2 === 0 ? BigInt(value) : 2n ** 63n - 1n - BigInt(i)));
    values[0] = -(2n ** 63n);
    const int64Data = values.map(String);
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.int64, int64Data });
    expectBytes(bytes, bytesOf(BigInt64Array.from(values)));
  });

  it('uint64_data as uint32', async () => {
    const values = ramp.map((value) => value + 4_000_000_000);
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: 12, uint64Data: values });
    expectBytes(bytes, bytesOf(Uint32Array.from(values)));
  });

  it('int32_data as int4: two elements in each number', async () => {
    const codes = ramp.map((value) => value & 0xff);
    const { weight, bytes } = await stored({ name: 'w', dims: [count, 2], dataType: 22, int32Data: codes });
    expect(weight.dtype).toBe('int4');
    expectBytes(bytes, Uint8Array.from(codes));
  });

  it('raw_data', async () => {
    const rawData = bytesOf(Float32Array.from(ramp));
    const { bytes } = await stored({ name: 'w', dims: [count], dataType: TYPE.float, rawData });
    expectBytes(bytes, rawData);
  });

  it('a sparse initializer, with linear positions', async () => {
    const shape = [4, count];
    const indices = { dims: [count], dataType: TYPE.int64, int64Data: ramp.map((_unused, i) => i * 3 + 1) };
    const values = { name: 'w', dims: [count], dataType: TYPE.float, floatData: ramp };
    const { bytes } = await stored({ values, indices, dims: shape }, 'sparseInitializer');
    const dense = new Float32Array(4 * count);
    ramp.forEach((value, i) => (dense[i * 3 + 1] = value));
    expectBytes(bytes, bytesOf(dense));
  });
});

it('keeps elements below 8 bits packed, the last byte padded', async () => {
  const { weight, bytes } = await stored({ name: 'w', dims: [5], dataType: 25, rawData: Uint8Array.of(0b11100100, 1) });
  expect(weight.dtype).toBe('uint2');
  expectBytes(bytes, Uint8Array.of(0b11100100, 1));
});

it('reads sparse positions as coordinates, in any order', async () => {
  const indices = { dims: [3, 2], dataType: TYPE.int64, int64Data: [1, 2, 0, 1, 1, 0] };
  const values = { name: 'w', dims: [3], dataType: TYPE.float, floatData: [5, 6, 7] };
  const { bytes } = await stored({ values, indices, dims: [2, 3] }, 'sparseInitializer');
  expectBytes(bytes, bytesOf(Float32Array.of(0, 6, 0, 7, 0, 5)));
});

it('refuses sparse positions outside the shape', async () => {
  const indices = { dims: [1], dataType: TYPE.int64, int64Data: [6] };
  const values = { name: 'w', dims: [1], dataType: TYPE.float, floatData: [5] };
  const error = await errorOf(stored({ values, indices, dims: [2, 3] }, 'sparseInitializer'));
  expect(error.kind).toBe('malformed');
  expect(isSentence(error.message)).toBe(true);
});

it('keeps strings as they are', async () => {
  const stringData = [Buffer.from('cat'), Buffer.from('köter'), Uint8Array.of(0xff)];
  const initializer = [{ name: 'w', dims: [3], dataType: TYPE.string, stringData }];
  const model = await readModel(scratch.write('strings.onnx', encodePlain(linearModel({}, { initializer }))));
  expect(model.graph.weights.get('w')?.data).toEqual({
    kind: 'strings',
    values: stringData.map((value) => Uint8Array.from(value)),
  });
});

it('leaves large tensors of Constant nodes on disk too', async () => {
  const value = { dims: [1000], dataType: TYPE.float, rawData: new Uint8Array(4000).fill(3) };
  const node = [{ opType: 'Constant', output: ['c'], attribute: [{ name: 'value', type: 4, t: value }] }];
  const model = await readModel(scratch.write('constant.onnx', encodePlain(linearModel({}, { node }))));
  const attribute = model.graph.nodes[0]?.attributes.get('value');
  if (attribute?.kind !== 'tensor') throw new Error('no tensor');
  expect(attribute.value.data).toMatchObject({ kind: 'range', file: 0, length: 4000, storage: 'raw' });
  const reader = await openWeights(model);
  expectBytes(await reader.read(attribute.value, 1000, 3), Uint8Array.of(3, 3, 3));
  await reader.close();
});

it('reads a range into a buffer that is given', async () => {
  const model = await readModel(scratch.write('into.onnx', encodePlain(linearModel())));
  const weight = model.graph.weights.get('weight');
  if (weight === undefined) throw new Error('no weight');
  const reader = await openWeights(model);
  const into = new Uint8Array(100);
  const answer = await reader.read(weight, 8, 16, into);
  expect(answer.buffer).toBe(into.buffer);
  expectBytes(answer, await reader.read(weight, 8, 16));
  await reader.close();
});
