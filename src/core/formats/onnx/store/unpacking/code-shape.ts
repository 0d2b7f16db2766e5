import { elementsOf } from '../../../../model/model';
import { codePlanes, planeBytes } from '../../../../compression/encodings/code-planes';
import type { UnpackingBuilder } from './operands';

/** How a tensor of codes lies in the file, and how its logical shape comes back. */
export interface CodeShape {
  /** Dimensions of the stored bytes; the last is a group where codes lie in planes. */
  readonly stored: readonly number[];
  /** True when rows end with a byte, so that the first dimension is kept and every layer of a kind has the same target. */
  readonly byRows: boolean;
  /** True when the last group holds more codes than there are elements. */
  readonly filled: boolean;
}

export function codeShape(bits: number, shape: readonly number[]): CodeShape {
  const count = elementsOf(shape);
  const [rows = 1] = shape;
  const { codes, bytes, planes } = codePlanes(bits);
  if (bits === 8) return { stored: shape, byRows: shape.length > 1, filled: false };
  const group = planes.length > 1 ? [bytes] : [];
  if (shape.length > 1 && (count / rows) % codes === 0) {
    return { stored: [rows, count / rows / codes, ...group], byRows: true, filled: false };
  }
  const groups = planeBytes(bits, count) / bytes;
  const stored = planes.length > 1 ? [1, groups, bytes] : [groups];
  return { stored, byRows: false, filled: count % codes !== 0 };
}

/** What `Reshape` is given: rows are kept and what follows them is found, where the first dimension is still there. */
export function targetOf(shape: readonly number[], byRows: boolean): number[] {
  return byRows ? [0, -1, ...shape.slice(2)] : [...shape];
}

/** Gives looked up values their logical shape. */
export function reshaped(b: UnpackingBuilder, values: string, shape: readonly number[], from: CodeShape): string {
  if (shape.length === 1 && !from.filled) return b.op('Reshape', [values, b.ints(-1)]);
  const target = b.shape(targetOf(shape, from.byRows));
  if (!from.filled) return b.op('Reshape', [values, target]);
  const flat = b.op('Reshape', [values, b.ints(-1)]);
  return b.op('Reshape', [firstOf(b, flat, target), target]);
}

/** The elements that a shape has room for, of a vector that may hold more. */
export function firstOf(b: UnpackingBuilder, flat: string, shape: string): string {
  return b.op('Slice', [flat, b.ints(0), b.op('ReduceProd', [shape])]);
}
