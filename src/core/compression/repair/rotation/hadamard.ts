import type { SquareMatrix } from './square-matrix';

/** Orders up to which Paley's constructions are looked for: widths of networks are small multiples of powers of two. */
const MOST_PALEY = 512;

/**
 * A Hadamard matrix of a size, divided by the root of the size so that it is orthogonal, as factors of a Kronecker
 * product; null for sizes that none of the constructions has. Powers of two are Sylvester's; others begin with one of
 * Paley's matrices (1933), of which 12, 20 and 28 are the usual ones, and double it.
 */
export function hadamardFactors(size: number): SquareMatrix[] | null {
  const odd = oddPart(size);
  if (odd === 1) return sylvester(size);
  for (let order = 4 * odd; order <= Math.min(size, MOST_PALEY); order *= 2) {
    const paley = paleyMatrix(order);
    if (paley !== null && size % order === 0) return [paley, ...sylvester(size / order)];
  }
  return null;
}

export function oddPart(size: number): number {
  let odd = size;
  while (odd > 0 && odd % 2 === 0) odd /= 2;
  return odd;
}

/** Factors of 4, and one of 2 where the size is no power of 4. */
function sylvester(size: number): SquareMatrix[] {
  const factors: SquareMatrix[] = [];
  let rest = size;
  for (; rest >= 4; rest /= 4) factors.push(orthogonalSigns([1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1]));
  if (rest === 2) factors.push(orthogonalSigns([1, 1, 1, -1]));
  return factors;
}

/** A matrix of ones and minus ones, divided by the root of its size. */
export function orthogonalSigns(signs: readonly number[]): SquareMatrix {
  const size = Math.sqrt(signs.length);
  return { size, values: Float64Array.from(signs, (sign) => sign / Math.sqrt(size)) };
}

/** Paley's first construction for `q + 1` with a prime q = 3 mod 4, his second for `2 (q + 1)` with q = 1 mod 4. */
function paleyMatrix(order: number): SquareMatrix | null {
  const first = order - 1;
  if (first % 4 === 3 && isPrime(first)) {
    return signMatrix(order, (row, column) => {
      const entry = bordered(first, row, column, -1);
      return row === column ? entry + 1 : entry;
    });
  }
  const second = order / 2 - 1;
  if (second % 4 !== 1 || !isPrime(second)) return null;
  return signMatrix(order, (row, column) => {
    const entry = bordered(second, row >> 1, column >> 1, 1);
    const [right, below] = [column % 2 === 1, row % 2 === 1];
    if (entry === 0) return right === below ? (right ? -1 : 1) : -1;
    return right && below ? -entry : entry;
  });
}

function signMatrix(size: number, sign: (row: number, column: number) => number): SquareMatrix {
  return orthogonalSigns(Array.from({ length: size * size }, (_, at) => sign(Math.floor(at / size), at % size)));
}

/** Jacobsthal's matrix of a prime with a row and a column of ones before it; `below` is the sign of that column. */
function bordered(prime: number, row: number, column: number, below: 1 | -1): number {
  if (row === 0) return column === 0 ? 0 : 1;
  if (column === 0) return below;
  return quadraticCharacter(row - column, prime);
}

/** 1 for squares modulo a prime, -1 for others, 0 for multiples of it: Euler's criterion. */
function quadraticCharacter(number: number, prime: number): number {
  let base = ((number % prime) + prime) % prime;
  if (base === 0) return 0;
  let power = 1;
  for (let exponent = (prime - 1) / 2; exponent > 0; exponent >>= 1) {
    if (exponent % 2 === 1) power = (power * base) % prime;
    base = (base * base) % prime;
  }
  return power === 1 ? 1 : -1;
}

function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
