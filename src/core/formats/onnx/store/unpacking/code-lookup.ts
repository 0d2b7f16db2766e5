import { codeOfDtype } from '../../data-types';
import type { Attribute } from '../../../../model/model';
import { codePlanes, type Plane } from '../../../../compression/encodings/code-planes';
import type { ProgramBuilder } from './program';

/** Values that a byte can have. */
const BYTE_VALUES = 256;

export const INT32: Readonly<Record<string, Attribute>> = castTo('int32');
export const FLOAT32: Readonly<Record<string, Attribute>> = castTo('float32');

function castTo(dtype: 'int32' | 'float32'): Record<string, Attribute> {
  return { to: { kind: 'int', value: codeOfDtype(dtype) } };
}

/**
 * The codes in each of the 256 bytes, int32 `[256, 8 / width]`, the one in the low bits first. It is computed, since that
 * takes fewer bytes than it does; looking bytes up in it is twice as fast as shifting and masking them.
 */
export function codeTable(b: ProgramBuilder, { width, shift }: Plane): string {
  const rows = b.op('Reshape', [b.op('Range', [b.int(0), b.int(BYTE_VALUES), b.int(1)]), b.ints(BYTE_VALUES, 1)]);
  const places = Array.from({ length: 8 / width }, (_, place) => 2 ** (place * width));
  const codes = b.op('Mod', [b.op('Div', [rows, b.ints(...places)]), b.int(2 ** width)]);
  const shifted = shift === 0 ? codes : b.op('Mul', [codes, b.int(2 ** shift)]);
  return b.op('Cast', [shifted], INT32);
}

/**
 * Codes as int32, in the order of their elements, of stored bytes; the bytes' last axis is a group where codes lie in
 * planes, and every axis before it stays.
 */
export function lookUpCodes(b: ProgramBuilder, bytes: string, bits: number): string {
  const { planes } = codePlanes(bits);
  const [first, ...others] = planes;
  const indices = b.op('Cast', [bytes], INT32);
  if (first === undefined || bits === 8) return indices;
  if (others.length === 0) return b.op('Gather', [codeTable(b, first), indices]);
  let at = first.bytes;
  let codes = b.op('Gather', [codeTable(b, first), columns(b, indices, 0, first.bytes)]);
  for (const plane of others) {
    codes = b.op('Add', [codes, planeCodes(b, indices, at, plane, first)]);
    at += plane.bytes;
  }
  return codes;
}

/** The codes of a higher plane in the shape of the first one's: `[…, bytes, codes a byte]`. */
function planeCodes(b: ProgramBuilder, indices: string, at: number, plane: Plane, first: Plane): string {
  const shape = [first.bytes, 8 / first.width];
  if (plane.bytes === 1) {
    const table = b.op('Reshape', [codeTable(b, plane), b.ints(BYTE_VALUES, ...shape)]);
    return b.op('Gather', [table, b.op('Gather', [indices, b.int(at)], LAST_AXIS)]);
  }
  const codes = b.op('Gather', [codeTable(b, plane), columns(b, indices, at, plane.bytes)]);
  return b.op('Reshape', [codes, b.ints(0, -1, ...shape)]);
}

const LAST_AXIS: Readonly<Record<string, Attribute>> = { axis: { kind: 'int', value: -1 } };

function columns(b: ProgramBuilder, indices: string, from: number, count: number): string {
  return b.op('Gather', [indices, b.ints(...Array.from({ length: count }, (_, column) => from + column))], LAST_AXIS);
}
