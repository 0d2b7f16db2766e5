import { hadamardFactors, oddPart, orthogonalSigns } from './hadamard';
import { conjugated, cosineMatrix, type SquareMatrix } from './square-matrix';

/**
 * An orthogonal matrix `Q` by which row vectors are multiplied: channel `j` takes channel `order[j]` times its sign,
 * then come the factors of a Kronecker product, of which the first varies slowest.
 */
export interface Rotation {
  readonly size: number;
  readonly order: Int32Array;
  /** Of the channels that are taken, 1 or -1. */
  readonly signs: Float64Array;
  readonly factors: readonly SquareMatrix[];
}

/** A factor has no fast form: beyond this, rotating large weights takes minutes. */
const LARGEST_FACTOR = 512;

/**
 * A Hadamard matrix with random signs, which spreads every channel evenly over all of them (QuaRot, Ashkboos and others
 * 2024). For sizes that have none, the cosine transform takes the place of the odd factor. Null for sizes that take too long.
 */
export function spreadingRotation(size: number, seed: number): Rotation | null {
  const next = randomNumbers(seed);
  const signs = Float64Array.from({ length: size }, () => (next() < 0.5 ? -1 : 1));
  const factors = hadamardFactors(size) ?? cosineFactors(size);
  if (factors === null) return null;
  return {
    size,
    order: Int32Array.from({ length: size }, (_, channel) => channel),
    signs,
    factors,
  };
}

/**
 * A rotation that leaves the vector of ones where it is, so that the mean that a `LayerNormalization` takes off stays
 * the mean. Its factors are Hadamard matrices of 4 whose rows all have the sum 2, and for what is left of the size the
 * cosine transform there, random signs for all but the mean, and back. Channels come in random order.
 */
export function meanKeepingRotation(size: number, seed: number): Rotation | null {
  const next = randomNumbers(seed);
  const factors: SquareMatrix[] = [];
  let rest = size;
  for (; rest % 4 === 0; rest /= 4) {
    factors.push(orthogonalSigns([-1, 1, 1, 1, 1, -1, 1, 1, 1, 1, -1, 1, 1, 1, 1, -1]));
  }
  if (rest > 1 && rest <= LARGEST_FACTOR) {
    const signs = Float64Array.from({ length: rest }, (_, at) => (at === 0 || next() < 0.5 ? 1 : -1));
    factors.push(conjugated(cosineMatrix(rest), signs));
  } else if (rest > 1) {
    return null;
  }
  return { size, order: shuffled(size, next), signs: new Float64Array(size).fill(1), factors };
}

function cosineFactors(size: number): SquareMatrix[] | null {
  const odd = oddPart(size);
  return odd > LARGEST_FACTOR ? null : [cosineMatrix(odd), ...(hadamardFactors(size / odd) ?? [])];
}

/** Fisher and Yates's shuffle. */
function shuffled(size: number, next: () => number): Int32Array {
  const order = Int32Array.from({ length: size }, (_, channel) => channel);
  for (let last = size - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
}

/** Repeatable numbers in [0, 1): Marsaglia's xorshift (2003), from a seed that is never 0. */
function randomNumbers(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
}
