import type { Kernels, Region } from '../../kernels';
import { LOWER_MAGNITUDES, UPPER_MAGNITUDES } from '../../kernels/sparse-kernels';
import type { RealValues } from './real-values';

/** Which values of a tensor become zero. */
export interface MagnitudeThreshold {
  /** Bits of a magnitude: values below it go. */
  readonly bits: number;
  /** Of the values with just this magnitude, so many go, the first ones. */
  readonly ties: number;
  /** What is left: neither gone nor zero from the start, NaN being zero. */
  readonly nonZeros: number;
}

/** Above the bits of every magnitude: everything goes. */
const ABOVE_ALL = 2 ** 31 - 1;

/**
 * The threshold under which exactly `count` values of the smallest magnitude go, zeros first. Exact: values are counted
 * by the upper bits of their magnitude, and those around the threshold, in a second pass, by the lower ones.
 */
export async function magnitudeThreshold(
  kernels: Kernels,
  values: RealValues,
  count: number,
  signal?: AbortSignal,
): Promise<MagnitudeThreshold> {
  const { elements } = values;
  const upper = kernels.take(UPPER_MAGNITUDES * 4);
  const lower = kernels.take(LOWER_MAGNITUDES * 4);
  try {
    const { sparse } = kernels;
    const uppers = await tally(values, upper, signal, (input, length) => {
      sparse.tallyMagnitudes(input, length, upper.address);
    });
    const within = (part: number) =>
      tally(values, lower, signal, (input, length) => {
        sparse.tallyWithin(input, length, part, lower.address);
      });
    const zeros = (uppers[0] ?? 0) === 0 ? 0 : ((await within(0))[0] ?? 0);
    const nonZeros = elements - Math.max(count, zeros);
    if (count >= elements) return { bits: ABOVE_ALL, ties: 0, nonZeros };
    const coarse = placeOf(uppers, count);
    const fine = placeOf(await within(coarse.index), coarse.rest);
    return { bits: coarse.index * LOWER_MAGNITUDES + fine.index, ties: fine.rest, nonZeros };
  } finally {
    kernels.give(upper);
    kernels.give(lower);
  }
}

async function tally(
  values: RealValues,
  table: Region,
  signal: AbortSignal | undefined,
  count: (input: number, length: number) => void,
): Promise<Float64Array> {
  const counts = new Uint32Array(table.bytes.buffer, table.address, table.bytes.length / 4);
  const totals = new Float64Array(counts.length);
  counts.fill(0);
  for await (const span of values.spans(signal)) count(span.address, span.count);
  totals.set(counts);
  return totals;
}

/** The bin that the value of rank `count` (from 0) is in, and its rank there. */
function placeOf(counts: Float64Array, count: number): { index: number; rest: number } {
  let rest = count;
  for (let index = 0; index < counts.length; index++) {
    const here = counts[index] ?? 0;
    if (rest < here) return { index, rest };
    rest -= here;
  }
  return { index: counts.length - 1, rest };
}
