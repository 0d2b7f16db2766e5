import { elementsOf } from '../../../model/model';
import type { Breather } from '../breather';
import type { Rotation } from './rotation';
import type { SquareMatrix } from './square-matrix';

/** Numbers that are worked on at once: they stay in the processor's cache while all factors go over them. */
const SLAB = 32 * 1024;

/**
 * Multiplies each vector along an axis of a weight by a rotation, in place.
 * @param axis of the weight that has the channels
 * @param starts first channels of the blocks that are rotated, each of the rotation's size
 */
export async function rotateAxis(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  starts: readonly number[],
  rotation: Rotation,
  breather: Breather,
): Promise<void> {
  const channels = shape[axis] ?? 0;
  const inner = elementsOf(shape.slice(axis + 1));
  const outer = elementsOf(shape.slice(0, axis));
  const width = Math.min(inner, Math.max(1, Math.floor(SLAB / rotation.size)));
  const slab = new Float64Array(rotation.size * width);
  for (let block = 0; block < outer; block++) {
    for (const start of starts) {
      const first = (block * channels + start) * inner;
      for (let column = 0; column < inner; column += width) {
        await breather.breathe();
        const taken = Math.min(width, inner - column);
        load(slab, values, first + column, inner, taken, rotation);
        rotateSlab(slab, taken, rotation);
        store(slab, values, first + column, inner, taken, rotation.size);
      }
    }
  }
}

/** Vectors beside each other: channel `c` of vector `v` lies at `c * width + v`. */
function load(
  slab: Float64Array,
  values: Float32Array,
  first: number,
  inner: number,
  width: number,
  { size, order, signs }: Rotation,
): void {
  for (let channel = 0; channel < size; channel++) {
    const from = first + (order[channel] ?? 0) * inner;
    const sign = signs[channel] ?? 1;
    for (let at = 0; at < width; at++) slab[channel * width + at] = sign * (values[from + at] ?? 0);
  }
}

function store(
  slab: Float64Array,
  values: Float32Array,
  first: number,
  inner: number,
  width: number,
  size: number,
): void {
  for (let channel = 0; channel < size; channel++) {
    const to = first + channel * inner;
    for (let at = 0; at < width; at++) values[to + at] = slab[channel * width + at] ?? 0;
  }
}

function rotateSlab(slab: Float64Array, width: number, { size, factors }: Rotation): void {
  let stride = size;
  for (const factor of factors) {
    stride /= factor.size;
    const step = stride * width;
    const vector = new Float64Array(factor.size);
    for (let block = 0; block < size * width; block += step * factor.size) {
      for (let at = 0; at < step; at++) multiplyStrided(slab, block + at, step, factor, vector);
    }
  }
}

/** A row vector of which every `step`th number counts, times a matrix, in its place; `vector` is where it is summed. */
function multiplyStrided(
  slab: Float64Array,
  first: number,
  step: number,
  { size, values }: SquareMatrix,
  vector: Float64Array,
): void {
  vector.fill(0);
  for (let row = 0; row < size; row++) {
    const number = slab[first + row * step] ?? 0;
    if (number === 0) continue;
    for (let column = 0; column < size; column++) {
      vector[column] = (vector[column] ?? 0) + number * (values[row * size + column] ?? 0);
    }
  }
  for (let row = 0; row < size; row++) slab[first + row * step] = vector[row] ?? 0;
}
