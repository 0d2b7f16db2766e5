import type { Kernels, Region } from '../../kernels';
import type { Span } from '../../kernels/kernels';
import { TALLY_BYTES, TALLY_KEYS, TALLY_REST_BITS, TALLY_ROOM, type TableRange } from '../../kernels/palette-kernels';
import type { ScaleLayout } from '../../kernels/scale-layout';
import { pointsOf, type WeightedPoints } from './weighted-points';

/** Collects what values some tables of a layout have. */
export interface ValueCollector {
  /** Values of the tables `first` to `first + count - 1` count, `count` at most `slots`; others are passed over. */
  add(span: Span, layout: ScaleLayout, tables: TableRange): void;
  /** The points of the table in a slot; the slot is empty then. */
  take(slot: number): WeightedPoints;
  close(): void;
}

/** Every value by itself: for tables of few values. */
export class GatheredValues implements ValueCollector {
  private readonly values: Region;
  private readonly cursors: Region;

  constructor(
    private readonly kernels: Kernels,
    private readonly slots: number,
    private readonly room: number,
  ) {
    this.values = kernels.take(slots * room * 4);
    this.cursors = kernels.put(new Int32Array(slots));
  }

  add(span: Span, layout: ScaleLayout, tables: TableRange): void {
    this.kernels.palettes.gather(span, layout, tables, this.cursors.address, this.room, this.values.address);
  }

  take(slot: number): WeightedPoints {
    const counts = new Int32Array(this.cursors.bytes.buffer, this.cursors.address, this.slots);
    const gathered = this.kernels.floats(this.values.address + slot * this.room * 4, counts[slot] ?? 0);
    counts[slot] = 0;
    return pointsOf(gathered);
  }

  close(): void {
    this.kernels.give(this.values);
    this.kernels.give(this.cursors);
  }
}

/**
 * Values counted by their upper 18 bits, with exact sums in each bin: a bin is a point at the mean of its values. Within
 * a bin values differ by at most a 512th. All float32 there are give at most 2^18 points.
 */
export class TalliedValues implements ValueCollector {
  private readonly tables: Region;
  private readonly counts: Float64Array[];
  private readonly rests: Float64Array[];
  private pending = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly slots: number,
  ) {
    this.tables = kernels.take(slots * TALLY_BYTES);
    this.tables.bytes.fill(0);
    this.counts = Array.from({ length: slots }, () => new Float64Array(TALLY_KEYS));
    this.rests = Array.from({ length: slots }, () => new Float64Array(TALLY_KEYS));
  }

  add(span: Span, layout: ScaleLayout, tables: TableRange): void {
    for (let done = 0; done < span.count;) {
      if (this.pending === TALLY_ROOM) this.empty();
      const count = Math.min(span.count - done, TALLY_ROOM - this.pending);
      const part = { address: span.address + done * 4, first: span.first + done, count };
      this.kernels.palettes.tally(part, layout, tables, this.tables.address);
      this.pending += count;
      done += count;
    }
  }

  take(slot: number): WeightedPoints {
    this.empty();
    const counts = this.counts[slot] ?? new Float64Array(0);
    const rests = this.rests[slot] ?? new Float64Array(0);
    const points = binnedPoints(counts, rests);
    counts.fill(0);
    rests.fill(0);
    return points;
  }

  /** Moves what the kernels counted into numbers that do not overflow. */
  private empty(): void {
    if (this.pending === 0) return;
    for (let slot = 0; slot < this.slots; slot++) this.emptySlot(slot);
    this.pending = 0;
  }

  private emptySlot(slot: number): void {
    const words = new Uint32Array(this.tables.bytes.buffer, this.tables.address + slot * TALLY_BYTES, TALLY_KEYS * 2);
    const counts = this.counts[slot] ?? words;
    const rests = this.rests[slot] ?? words;
    for (let key = 0; key < TALLY_KEYS; key++) {
      const low = words[key * 2] ?? 0;
      if (low === 0) continue;
      counts[key] = (counts[key] ?? 0) + (low & 0xff_ffff);
      rests[key] = (rests[key] ?? 0) + (words[key * 2 + 1] ?? 0) * 256 + (low >>> 24);
    }
    words.fill(0);
  }

  close(): void {
    this.kernels.give(this.tables);
  }
}

/** Keys of values that are not negative, and of those that are finite. */
const POSITIVE_KEYS = TALLY_KEYS / 2;
const FINITE_KEYS = 0x7f80_0000 >>> TALLY_REST_BITS;

/** Means of bins in ascending order: negative values come with their largest magnitudes first. */
function binnedPoints(counts: Float64Array, rests: Float64Array): WeightedPoints {
  const values = new Float64Array(TALLY_KEYS);
  const weights = new Float64Array(TALLY_KEYS);
  let points = 0;
  const add = (key: number, sign: number): void => {
    const weight = counts[key] ?? 0;
    if (weight === 0) return;
    const magnitude = magnitudeOf(key % POSITIVE_KEYS, (rests[key] ?? 0) / weight);
    // Zeros of both signs are one point.
    if (points === 0 || values[points - 1] !== sign * magnitude) values[points++] = sign * magnitude;
    weights[points - 1] = (weights[points - 1] ?? 0) + weight;
  };
  for (let key = POSITIVE_KEYS + FINITE_KEYS - 1; key >= POSITIVE_KEYS; key--) add(key, -1);
  for (let key = 0; key < FINITE_KEYS; key++) add(key, 1);
  return { values: values.slice(0, points), weights: weights.slice(0, points) };
}

/** The value whose bits are a key and, on average, `rest` below it. Source: IEEE 754, binary32. */
function magnitudeOf(key: number, rest: number): number {
  const bits = key * 2 ** TALLY_REST_BITS + rest;
  const exponent = Math.floor(bits / 2 ** 23);
  const mantissa = bits - exponent * 2 ** 23;
  return exponent === 0 ? mantissa * 2 ** -149 : (mantissa + 2 ** 23) * 2 ** (exponent - 150);
}
