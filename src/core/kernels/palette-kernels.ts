import type { KernelExports } from './exports';
import type { Span } from './kernels';
import type { ScaleLayout } from './scale-layout';
import { eachPart } from './walk';

/** Keys of `tally`: sign, exponent and nine bits of the mantissa of a float32, with 14 bits below them. */
export const TALLY_KEYS = 2 ** 18;
export const TALLY_REST_BITS = 14;
/** A table: eight bytes a key, the count in the low 24 bits, the sum of the low bits above them. */
export const TALLY_BYTES = TALLY_KEYS * 8;
/** Values that may go into a table before it is emptied. */
export const TALLY_ROOM = 2 ** 24 - 1;

/** A table of `distinct`: 1,024 places, of which those that hold nothing are NaN. */
export const DISTINCT_PLACES = 1024;

/** Some of a layout's tables: `count` of them from number `first` on. */
export interface TableRange {
  readonly first: number;
  readonly count: number;
}

/** Kernels over codes that stand for entries of a table. Layouts have rows of one element. */
export class PaletteKernels {
  constructor(private readonly exports: KernelExports) {}

  /**
   * Float32 to one byte a code: how many of its table's thresholds a value reaches. `thresholds`: 2^bits float32 a table,
   * ascending, the last one infinite. NaN counts as 0, infinities as the largest finite values.
   */
  assign(span: Span, layout: ScaleLayout, thresholds: number, bits: number, output: number): void {
    eachPart(this.exports, span, layout, 0, 4, (input, done) => {
      this.exports.assign(input, thresholds, bits, output + done);
    });
  }

  /**
   * `assign`, faster for many entries. `starts`: 65,536 bytes a table, the code of the least value with these upper 16
   * bits; `steps`: the most thresholds that lie between values with the same ones.
   */
  assignFrom(
    span: Span,
    layout: ScaleLayout,
    thresholds: number,
    bits: number,
    { starts, steps }: { starts: number; steps: number },
    output: number,
  ): void {
    eachPart(this.exports, span, layout, 0, 4, (input, done) => {
      this.exports.assignFrom(input, thresholds, bits, starts, steps, output + done);
    });
  }

  /** One byte a code to float32. `tables`: 2^bits float32 a table. */
  lookUp(span: Span, layout: ScaleLayout, tables: number, bits: number, output: number): void {
    eachPart(this.exports, span, layout, 0, 1, (input, done) => {
      this.exports.lookUp(input, tables, bits, output + done * 4);
    });
  }

  /** Counts the values of some tables by key. `at`: TALLY_BYTES a table, which begin as zeros. */
  tally(span: Span, layout: ScaleLayout, tables: TableRange, at: number): void {
    eachPart(this.exports, span, layout, 0, 4, (input) => {
      this.exports.tally(input, tables.first, tables.count, at);
    });
  }

  /** Copies the values of some tables, each to its own `room` float32 at `output`, behind what `cursors` count. */
  gather(span: Span, layout: ScaleLayout, tables: TableRange, cursors: number, room: number, output: number): void {
    eachPart(this.exports, span, layout, 0, 4, (input) => {
      this.exports.gather(input, tables.first, tables.count, cursors, room, output);
    });
  }

  /**
   * Enters finite values into tables of DISTINCT_PLACES float32, which begin as all ones in bits, and counts them
   * (int32 a table). Gives the number of a table that would get more than `limit`, at most 256, or null.
   */
  distinct(span: Span, layout: ScaleLayout, limit: number, counts: number, tables: number): number | null {
    let full: number | null = null;
    eachPart(this.exports, span, layout, 0, 4, (input) => {
      const table = full === null ? this.exports.distinct(input, limit, counts, tables) : -1;
      if (table >= 0) full = table;
    });
    return full;
  }
}
