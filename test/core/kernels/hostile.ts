/** Values that break arithmetic, and random ones, for comparing kernels with plain references. */
const HOSTILE = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1.4e-45,
  -1.4e-45,
  1.1754942e-38,
  1.17549435e-38,
  3.4028235e38,
  -3.4028235e38,
  65504,
  65519.996,
  65520,
  -65520,
  65536,
  5.9604645e-8,
  2.9802322e-8,
  2.980233e-8,
  6.097555e-5,
  6.1035156e-5,
  0.5,
  1.5,
  -2.5,
  1,
  1 + 2 ** -11,
  1 + 3 * 2 ** -11,
  1e-3,
];

/** A small generator with a seed, so that a failure can be seen again (Numerical Recipes' linear congruence). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Near normal values around zero. */
export function weights(count: number, seed = 1, scale = 0.05): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => (next() + next() + next() + next() - 2) * scale);
}

/** Weights with hostile values among them. */
export function hostile(count: number, seed = 1): Float32Array {
  const next = random(seed);
  const values = weights(count, seed + 1);
  for (let i = 0; i < count; i++) if (next() < 0.4) values[i] = HOSTILE[Math.floor(next() * HOSTILE.length)] ?? 0;
  return values;
}

/** Any bits at all: every kind of NaN, subnormals, the whole range. */
export function anyBits(count: number, seed = 1): Float32Array {
  const next = random(seed);
  const bits = Uint32Array.from({ length: count }, () => next() * 2 ** 32);
  return new Float32Array(bits.buffer);
}

/** Empty, one element, around the width of lanes and of unrolled steps. */
export const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 257, 1000, 4099];

/** Byte offsets from a region's start: chunks need not be aligned. */
export const MISALIGNMENTS = [0, 1, 4, 7, 12];
