import type { DType } from './dtype';

/**
 * How a weight's numbers are stored: the kind and its parameters, without the numbers themselves.
 * Scales, zero points and tables live in `core/compression/encodings`. Packed little-endian, low bits first.
 */
export type Encoding =
  | { kind: 'dense'; dtype: DType }
  /** `real = (code - zeroPoint) * scale`; `axis` null: one scale for the tensor; `block` null: one scale a channel. */
  | { kind: 'affine'; bits: number; signed: boolean; axis: number | null; block: number | null }
  /** `real = table[group][code]`; `groups` equal parts along `axis`, each with a table of its own; 1 where null. */
  | { kind: 'palette'; bits: number; axis: number | null; groups: number }
  /** Zeros are left out. `mask`: a bit an element; `index`: the positions of those that are there. */
  | { kind: 'sparse'; positions: 'mask' | 'index'; values: Encoding };

/** The encoding in a user's words: "float32", "int8 per channel", "4-bit palette", "sparse float32". */
export function encodingLabel(encoding: Encoding): string {
  switch (encoding.kind) {
    case 'dense':
      return encoding.dtype;
    case 'affine': {
      const type = `${encoding.signed ? 'int' : 'uint'}${encoding.bits}`;
      if (encoding.block !== null) return `${type} per block of ${encoding.block}`;
      return encoding.axis === null ? `${type} per tensor` : `${type} per channel`;
    }
    case 'palette': {
      const tables = encoding.groups === 1 ? '' : ` in ${encoding.groups} groups`;
      return `${encoding.bits}-bit palette${tables}`;
    }
    case 'sparse':
      return `sparse ${encodingLabel(encoding.values)}`;
  }
}
