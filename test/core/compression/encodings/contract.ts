import { expect } from 'vitest';
import { decode, valuesOf } from '../../../../src/core/compression/encodings';
import { encodeWeight } from '../../../../src/core/compression/encodings/encode';
import type {
  AffineTensor,
  DenseTensor,
  EncodedTensor,
  PaletteTensor,
  SparseTensor,
} from '../../../../src/core/compression/encodings/encoded-tensor';
import type {
  AffineScheme,
  DenseScheme,
  PaletteScheme,
  WeightScheme,
} from '../../../../src/core/compression/encodings/scheme';
import { contentBytes } from '../../../../src/core/compression/encodings/size';
import type { Kernels } from '../../../../src/core/kernels';
import { plainHalf, plainHalfValue } from '../../kernels/references';
import { collect, floats } from '../models';
import {
  plainAffine,
  plainGroups,
  plainPack,
  plainPalette,
  plainPruned,
  plainScaleCount,
  plainScales,
  plainTableIndex,
  sizeOf,
} from './plain';
import { floatsIn } from './sources';

/**
 * What every encoding keeps to: the tensor is what the scheme says, its bytes are those of the plain reference, it
 * decodes to what they mean, it says its size before, it gives the same again, and returns the kernels' memory.
 */
export async function expectContract(
  kernels: Kernels,
  shape: readonly number[],
  values: Float32Array,
  scheme: WeightScheme,
): Promise<EncodedTensor> {
  let counted = 0;
  const count = (found: number): void => void (counted += found);
  const before = freeAddress(kernels);
  const tensor = await encodeWeight(kernels, shape, floatsIn(kernels, values), scheme, { onNonFinite: count });
  expect(tensor.shape).toEqual(shape);
  const promised = contentBytes(tensor);
  const meant = await expectTensor(tensor, values, scheme);
  expect(await heldBytes(tensor)).toBe(promised);
  expect(same(floats(await collect(decode(kernels, tensor))), meant)).toEqual([]);
  expect(await decodedInSpans(kernels, tensor)).toEqual(meant.length);
  expect(freeAddress(kernels)).toBe(before);
  if (scheme.kind !== 'dense') expect(counted > 0).toBe(values.some((value) => !Number.isFinite(value)));
  return tensor;
}

/** Places where numbers differ, the first few; zeros of both signs are the same, and so are NaNs. */
export function same(found: ArrayLike<number>, expected: ArrayLike<number>): [number, number?, number?][] {
  const different: [number, number?, number?][] = found.length === expected.length ? [] : [[-1]];
  for (let i = 0; i < expected.length && different.length < 5; i++) {
    const [a = NaN, b = NaN] = [found[i], expected[i]];
    if (!Object.is(a + 0, b + 0)) different.push([i, a, b]);
  }
  return different;
}

/** The first address that is free: the same again when all was given back. */
function freeAddress(kernels: Kernels): number {
  const region = kernels.take(1);
  kernels.give(region);
  return region.address;
}

async function decodedInSpans(kernels: Kernels, tensor: EncodedTensor): Promise<number> {
  const values = valuesOf(kernels, tensor);
  let elements = 0;
  for await (const span of values.spans()) {
    expect(span.first).toBe(elements);
    elements += span.count;
  }
  values.close();
  return elements;
}

async function heldBytes(tensor: EncodedTensor): Promise<number> {
  switch (tensor.kind) {
    case 'dense':
      return (await collect(tensor.data)).byteLength;
    case 'affine': {
      const { scale } = await tensor.scales();
      const zeroPoints = tensor.symmetric ? 0 : Math.ceil((scale.length * tensor.bits) / 8);
      return (await collect(tensor.codes)).byteLength + scale.byteLength + zeroPoints;
    }
    case 'palette':
      return (await collect(tensor.codes)).byteLength + (await tensor.table()).byteLength;
    case 'sparse':
      return (await collect(tensor.mask)).byteLength + (await heldBytes(tensor.values));
  }
}

/** Checks bytes against the reference; gives what they mean. */
async function expectTensor(tensor: EncodedTensor, values: Float32Array, scheme: WeightScheme): Promise<number[]> {
  if (tensor.kind === 'sparse') return expectSparse(tensor, values, scheme);
  if (tensor.kind === 'dense' && scheme.kind === 'dense') return expectDense(tensor, values, scheme);
  if (tensor.kind === 'affine' && scheme.kind === 'affine') return expectAffine(tensor, values, scheme);
  if (tensor.kind === 'palette' && scheme.kind === 'palette') return expectPalette(tensor, values, scheme);
  throw new Error(`A scheme of kind ${scheme.kind} gave a tensor of kind ${tensor.kind}.`);
}

async function expectDense(tensor: DenseTensor, values: Float32Array, { dtype }: DenseScheme): Promise<number[]> {
  expect(tensor.dtype).toBe(dtype);
  const bytes = await collect(tensor.data);
  if (dtype === 'float32') {
    expect(same(floats(bytes), values)).toEqual([]);
    return [...values];
  }
  const stored = new Uint16Array(bytes.buffer);
  const valueOf = dtype === 'float16' ? plainHalfValue : plainBfloatValue;
  const bitsOf = dtype === 'float16' ? plainHalf : plainBfloat;
  const meant = Array.from(values, (value) => (Number.isNaN(value) ? NaN : valueOf(bitsOf(value))));
  expect(same(Array.from(stored, valueOf), meant)).toEqual([]);
  return meant;
}

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** Bfloat16 bits to the number: the upper half of a float32. */
function plainBfloatValue(bits: number): number {
  BITS[0] = bits * 65_536;
  return FLOAT[0] ?? NaN;
}

/** The nearer of the two bfloat16 around a float32, of two as near the even one; never infinite for a finite value. */
function plainBfloat(value: number): number {
  FLOAT[0] = value;
  const all = BITS[0] ?? 0;
  const down = Math.floor(all / 65_536);
  if (all % 65_536 === 0) return down;
  const distance = (bits: number): number =>
    Math.abs(value - ((bits & 0x7fff) === 0x7f80 ? Math.sign(value) * 2 ** 128 : plainBfloatValue(bits)));
  const nearest =
    distance(down) < distance(down + 1) || (distance(down) === distance(down + 1) && down % 2 === 0) ? down : down + 1;
  return (nearest & 0x7fff) === 0x7f80 ? down : nearest;
}

async function expectAffine(tensor: AffineTensor, values: Float32Array, scheme: AffineScheme): Promise<number[]> {
  const { bits, axis, block, symmetric } = scheme;
  expect(tensor).toMatchObject({ bits, axis, block, symmetric, signed: symmetric });
  const { scale, zeroPoint } = await tensor.scales();
  const scales = { scale: [...scale], zeroPoint: [...(zeroPoint ?? new Int32Array(scale.length))] };
  expect(scale).toHaveLength(plainScaleCount(tensor.shape, axis, block));
  if (scheme.given !== undefined) expect(scale).toEqual(scheme.given.scale);
  else if (scheme.scales !== 'mse') expect(scales).toEqual(plainScales(values, tensor.shape, scheme));
  const { codes, meant } = plainAffine(values, tensor.shape, scheme, scales);
  expect(same(await collect(tensor.codes), plainPack(bits, codes))).toEqual([]);
  return meant;
}

async function expectPalette(tensor: PaletteTensor, values: Float32Array, scheme: PaletteScheme): Promise<number[]> {
  const entries = 2 ** scheme.bits;
  expect(tensor).toMatchObject({ bits: scheme.bits, groups: scheme.groups });
  const table = await tensor.table();
  expect(table).toHaveLength(entries * scheme.groups);
  plainGroups(values, tensor.shape, scheme).forEach((group, index) => {
    const row = [...table.subarray(index * entries, (index + 1) * entries)];
    expect(row).toEqual([...row].sort((a, b) => a - b));
    const distinct = [...new Set(group)];
    const used = new Set(row);
    if (scheme.method === 'unique' || (scheme.method === 'kmeans' && distinct.length <= entries)) {
      expect([...used]).toEqual(distinct.length === 0 ? [0] : distinct);
    }
    if (scheme.method === 'uniform' && group.length > 0) {
      const [low = NaN, high = NaN] = [group[0], group.at(-1)];
      const wanted = Array.from({ length: entries }, (_, i) => Math.fround(low + ((high - low) * i) / (entries - 1)));
      expect(used).toEqual(new Set(wanted));
    }
  });
  const codes = plainPalette(values, tensor.shape, scheme, table);
  expect(same(await collect(tensor.codes), plainPack(scheme.bits, codes))).toEqual([]);
  return codes.map((code, i) => {
    const index = plainTableIndex(i, tensor.shape, scheme.axis, scheme.groups);
    return table[index * entries + code] ?? NaN;
  });
}

async function expectSparse(tensor: SparseTensor, values: Float32Array, scheme: WeightScheme): Promise<number[]> {
  const pruned = plainPruned(values, scheme.sparsity ?? 0);
  const kept = pruned.filter((value) => value !== 0);
  expect(tensor.nonZeros).toBe(kept.length);
  expect(tensor.values.shape).toEqual([kept.length]);
  const mask = plainPack(
    1,
    Array.from(pruned, (value) => (value === 0 ? 0 : 1)),
  );
  expect(same(await collect(tensor.mask), mask)).toEqual([]);
  const meant = await expectTensor(tensor.values, kept, schemeOfKept(scheme));
  let at = 0;
  return Array.from({ length: sizeOf(tensor.shape) }, (_, i) => (pruned[i] === 0 ? 0 : (meant[at++] ?? NaN)));
}

function schemeOfKept(scheme: WeightScheme): WeightScheme {
  if (scheme.kind === 'affine') return { ...scheme, axis: scheme.block === null ? null : 0 };
  return scheme.kind === 'palette' ? { ...scheme, axis: null, groups: 1 } : scheme;
}
