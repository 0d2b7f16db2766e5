import type {
  AffineTensor,
  DenseTensor,
  EncodedTensor,
  PaletteTensor,
  SparseTensor,
} from '../../../src/core/compression/encodings/encoded-tensor';
import { packCodes, type CodeBits } from '../../../src/core/compression/encodings/packing';
import { StepCounter } from '../../../src/core/compression/encodings/step-counts';
import type { ByteStream } from '../../../src/core/model/model';

/** An encoded tensor built by hand, and the values that it stands for by the definition of its encoding. */
export interface Encoded<T extends EncodedTensor = EncodedTensor> {
  readonly tensor: T;
  readonly values: Float32Array;
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Numbers that are the same in every run: 0 to 1. */
export function random(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** Bytes in pieces of odd lengths, as a pass may yield them. */
export function pieces(bytes: Uint8Array, length = 1009): ByteStream {
  return {
    byteLength: bytes.length,
    async *chunks() {
      await Promise.resolve();
      for (let start = 0; start < bytes.length; start += length) yield bytes.slice(start, start + length);
    },
  };
}

function codesOf(elements: number, bits: number, seed: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: elements }, () => Math.floor(next() * 2 ** bits));
}

export interface AffineShape {
  bits: CodeBits;
  axis?: number | null;
  block?: number | null;
  signed?: boolean;
  symmetric?: boolean;
}

/** `(code - zeroPoint) * scale` with every step rounded to float32. */
export function affine(shape: number[], given: AffineShape, seed = 1): Encoded<AffineTensor> {
  const { bits, axis = null, block = null, signed = true, symmetric = true } = given;
  const codes = codesOf(count(shape), bits, seed);
  const next = random(seed + 1);
  const length = axis === null ? 1 : (shape[axis] ?? 1);
  const blocks = block === null ? length : Math.ceil(length / block);
  const inner = axis === null ? 1 : count(shape.slice(axis + 1));
  const outer = axis === null || block === null ? 1 : count(shape.slice(0, axis));
  const numbers = block === null ? blocks : outer * blocks * inner;
  const scale = Float32Array.from({ length: numbers }, () => 0.001 + next() * 0.02);
  const lowest = signed ? -(2 ** (bits - 1)) : 0;
  const zeroPoint = symmetric
    ? null
    : Int32Array.from({ length: numbers }, () => lowest + Math.floor(next() * 2 ** bits));
  const placeOf = (index: number): number => {
    if (axis === null) return 0;
    const at = Math.floor(index / inner) % length;
    if (block === null) return at;
    return (Math.floor(index / inner / length) * blocks + Math.floor(at / block)) * inner + (index % inner);
  };
  const values = Float32Array.from(codes, (stored, index) => {
    const code = signed && stored >= 2 ** (bits - 1) ? stored - 2 ** bits : stored;
    const place = placeOf(index);
    return (code - (zeroPoint?.[place] ?? 0)) * (scale[place] ?? 0);
  });
  const scales = () => Promise.resolve({ scale, zeroPoint });
  const packed = pieces(packCodes(bits, codes));
  return { tensor: { kind: 'affine', shape, bits, signed, axis, block, symmetric, scales, codes: packed }, values };
}

export function palette(
  shape: number[],
  bits: CodeBits,
  groups = 1,
  axis: number | null = null,
  seed = 3,
): Encoded<PaletteTensor> {
  const codes = codesOf(count(shape), bits, seed);
  const next = random(seed + 1);
  const rows = Array.from({ length: groups }, () =>
    Float32Array.from({ length: 2 ** bits }, () => next() - 0.5).sort(),
  );
  const inner = axis === null ? 1 : count(shape.slice(axis + 1));
  const length = axis === null ? 1 : (shape[axis] ?? 1);
  const values = Float32Array.from(codes, (code, index) => {
    const group = axis === null ? 0 : Math.floor((Math.floor(index / inner) % length) / (length / groups));
    return rows[group]?.[code] ?? NaN;
  });
  const table = Float32Array.from(rows.flatMap((row) => [...row]));
  const packed = pieces(packCodes(bits, codes));
  return {
    tensor: { kind: 'palette', shape, bits, axis, groups, table: () => Promise.resolve(table), codes: packed },
    values,
  };
}

export function dense(shape: number[], seed = 5): Encoded<DenseTensor> {
  const next = random(seed);
  const values = Float32Array.from({ length: count(shape) }, () => next() - 0.5);
  const data = pieces(new Uint8Array(values.slice().buffer), 4096);
  return { tensor: { kind: 'dense', shape, dtype: 'float32', data }, values };
}

/** A mask in which each element is there with a probability; the values are made for how many there are. */
export function sparse(
  shape: number[],
  density: number,
  make: (shape: [number]) => Encoded<DenseTensor | AffineTensor | PaletteTensor>,
  seed = 7,
): Encoded<SparseTensor> {
  const next = random(seed);
  return sparseAt(shape, (_) => next() < density, make);
}

export function sparseAt(
  shape: number[],
  isThere: (index: number) => boolean,
  make: (shape: [number]) => Encoded<DenseTensor | AffineTensor | PaletteTensor>,
): Encoded<SparseTensor> {
  const present = Array.from({ length: count(shape) }, (_, index) => isThere(index));
  const mask = packCodes(1, Uint8Array.from(present, Number));
  const nonZeros = present.filter(Boolean).length;
  const inner = make([nonZeros]);
  const values = new Float32Array(count(shape));
  let at = 0;
  present.forEach((there, index) => {
    if (there) values[index] = inner.values[at++] ?? NaN;
  });
  const counter = new StepCounter();
  counter.add(mask);
  return {
    tensor: {
      kind: 'sparse',
      shape,
      nonZeros,
      mask: pieces(mask),
      stepCounts: counter.counts,
      values: inner.tensor,
    },
    values,
  };
}
