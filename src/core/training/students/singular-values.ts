import { breathe, throwIfCancelled, type JobContext } from '../../progress';

/** `matrix = left diag(values) right`: `left` is `[rows, count]`, `right` `[count, columns]`, values fall. */
export interface SingularValues {
  readonly count: number;
  readonly values: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** Columns count as orthogonal once their cosine is below this: float32 weights are no more exact. */
const ORTHOGONAL = 1e-10;
/** Eigenvalues below this share of their sum are rounding of the sums of squares: their directions are left as they are. */
const ROUNDING = 1e-15;
/** Sweeps after which what is left is rounding: they converge quadratically, ten are many. */
const MOST_SWEEPS = 30;

/**
 * The singular value decomposition of a row-major matrix: the shorter side's directions are the eigenvectors of its
 * products with itself, found by one-sided Jacobi rotations (Hestenes 1958); the other side is what the matrix makes of
 * them. Since the directions are orthogonal to rounding, all of them together give the matrix back. Time grows with
 * `rows * columns * min(rows, columns)`.
 */
export async function singularValues(
  matrix: Float32Array,
  rows: number,
  columns: number,
  job: JobContext,
): Promise<SingularValues> {
  const isWide = columns > rows;
  const [count, length] = isWide ? [rows, columns] : [columns, rows];
  const lines = isWide ? Float64Array.from(matrix) : transposed(matrix, rows, columns);
  const turned = productsOf(lines, count, length);
  const directions = new Float64Array(count * count);
  let sum = 0;
  for (let at = 0; at < count; at++) {
    directions[at * count + at] = 1;
    sum += turned[at * count + at] ?? 0;
  }
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    throwIfCancelled(job.signal);
    if (!turnAll(turned, directions, count, (ROUNDING * sum) ** 2)) break;
    await breathe();
  }
  return sides(lines, directions, { count, length, isWide });
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column] ?? 0;
  return result;
}

/** The products of all lines with each other, `[count, count]`. */
function productsOf(lines: Float64Array, count: number, length: number): Float64Array {
  const products = new Float64Array(count * count);
  for (let one = 0; one < count; one++)
    for (let other = one; other < count; other++) {
      let sum = 0;
      for (let at = 0; at < length; at++) sum += (lines[one * length + at] ?? 0) * (lines[other * length + at] ?? 0);
      products[one * count + other] = sum;
      products[other * count + one] = sum;
    }
  return products;
}

/** One sweep over all pairs of lines; whether any was turned. */
function turnAll(turned: Float64Array, directions: Float64Array, count: number, smallest: number): boolean {
  let changed = false;
  for (let one = 0; one < count - 1; one++)
    for (let other = one + 1; other < count; other++) {
      const [first, second] = [one * count, other * count];
      let own = 0;
      let cross = 0;
      let others = 0;
      for (let at = 0; at < count; at++) {
        const x = turned[first + at] ?? 0;
        const y = turned[second + at] ?? 0;
        own += x * x;
        cross += x * y;
        others += y * y;
      }
      if (own < smallest || others < smallest || Math.abs(cross) <= ORTHOGONAL * Math.sqrt(own * others)) continue;
      changed = true;
      const zeta = (others - own) / (2 * cross);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const cosine = 1 / Math.sqrt(1 + tangent * tangent);
      turn(turned, first, second, count, cosine, cosine * tangent);
      turn(directions, first, second, count, cosine, cosine * tangent);
    }
  return changed;
}

function turn(lines: Float64Array, first: number, second: number, length: number, cosine: number, sine: number): void {
  for (let at = 0; at < length; at++) {
    const x = lines[first + at] ?? 0;
    const y = lines[second + at] ?? 0;
    lines[first + at] = cosine * x - sine * y;
    lines[second + at] = sine * x + cosine * y;
  }
}

interface Sides {
  readonly count: number;
  readonly length: number;
  readonly isWide: boolean;
}

/** What the matrix makes of each direction has the singular value as its length. */
function sides(lines: Float64Array, directions: Float64Array, { count, length, isWide }: Sides): SingularValues {
  const made = new Float64Array(count * length);
  const norms = new Float64Array(count);
  for (let direction = 0; direction < count; direction++) {
    const start = direction * length;
    for (let line = 0; line < count; line++) {
      const share = directions[direction * count + line] ?? 0;
      for (let at = 0; at < length; at++)
        made[start + at] = (made[start + at] ?? 0) + share * (lines[line * length + at] ?? 0);
    }
    norms[direction] = Math.sqrt(made.subarray(start, start + length).reduce((sum, value) => sum + value * value, 0));
  }
  const order = [...norms.keys()].sort((a, b) => (norms[b] ?? 0) - (norms[a] ?? 0));
  const left = new Float64Array((isWide ? count : length) * count);
  const right = new Float64Array(count * (isWide ? length : count));
  order.forEach((from, to) => {
    const norm = norms[from] ?? 0;
    for (let at = 0; at < length; at++) {
      const part = norm === 0 ? 0 : (made[from * length + at] ?? 0) / norm;
      if (isWide) right[to * length + at] = part;
      else left[at * count + to] = part;
    }
    for (let at = 0; at < count; at++) {
      const part = directions[from * count + at] ?? 0;
      if (isWide) left[at * count + to] = part;
      else right[to * count + at] = part;
    }
  });
  return { count, values: Float64Array.from(order, (from) => norms[from] ?? 0), left, right };
}
