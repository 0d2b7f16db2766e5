import { placeOf, type ScaleLayout } from '../../../kernels/scale-layout';
import type { CodeFormat } from '../../encodings/affine-scales';
import type { AffineScales } from '../../encodings/encoded-tensor';

/** The values that an encoding can hold: some levels for each of its scales or tables. */
export interface Grid {
  /** Which scale or table each element of the weight has. */
  readonly layout: ScaleLayout;
  readonly lowest: number;
  readonly highest: number;
  /** The level nearest to a value. */
  nearest(scale: number, value: number): number;
  /** What a level stands for, as float32. */
  value(scale: number, level: number): number;
}

/** Which scale (or table) of a layout an element has. */
export function scaleOf(layout: ScaleLayout, element: number): number {
  const { scale, column } = placeOf(layout, element);
  return scale + column;
}

/** The scale of each of a row's elements, `first` being where the row begins and `stride` the way to the next. */
export function scalesOfRow(layout: ScaleLayout, first: number, stride: number, into: Int32Array): void {
  for (let column = 0; column < into.length; column++) {
    into[column] = scaleOf(layout, first + column * stride);
  }
}

/** Equal steps: levels are codes. */
export class AffineGrid implements Grid {
  readonly lowest: number;
  readonly highest: number;

  constructor(
    readonly layout: ScaleLayout,
    format: CodeFormat,
    readonly scales: AffineScales,
  ) {
    this.lowest = format.low;
    this.highest = format.high;
  }

  nearest(scale: number, value: number): number {
    const code = Math.round(value / (this.scales.scale[scale] ?? 1)) + this.zero(scale);
    return Math.min(this.highest, Math.max(this.lowest, code));
  }

  value(scale: number, level: number): number {
    return Math.fround((level - this.zero(scale)) * (this.scales.scale[scale] ?? 1));
  }

  /** How many steps a level is from zero. */
  steps(scale: number, level: number): number {
    return level - this.zero(scale);
  }

  private zero(scale: number): number {
    return this.scales.zeroPoint?.[scale] ?? 0;
  }
}

/** Values of a table, ascending, one table for each scale. */
export class PaletteGrid implements Grid {
  readonly lowest = 0;
  readonly highest: number;

  constructor(
    readonly layout: ScaleLayout,
    readonly tables: readonly Float64Array[],
    entries: number,
  ) {
    this.highest = entries - 1;
  }

  nearest(scale: number, value: number): number {
    const table = this.tables[scale];
    if (table === undefined) return 0;
    let low = 0;
    let high = table.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value > ((table[middle] ?? 0) + (table[middle + 1] ?? 0)) / 2) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  value(scale: number, level: number): number {
    const table = this.tables[scale];
    return table?.[Math.min(level, table.length - 1)] ?? 0;
  }
}
