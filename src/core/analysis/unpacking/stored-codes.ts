import { codePlanes, type Plane } from '../../compression/encodings/code-planes';
import { elementsOf, type Weight } from '../../model/model';
import { smallValue } from './small-values';
import type { Term } from './term';
import type { StoredCodes } from './unpacked-tensor';

/** Codes and the shape in which they were looked up. */
export interface FoundCodes {
  readonly codes: StoredCodes;
  /** The dimensions in front, which `Reshape` may keep, and all that follows as one. */
  readonly shape: readonly [number, number];
}

const BYTE_VALUES = 256;

/** Stored bytes as integers: `Cast` of an unsigned tensor. */
export function castBytes(term: Term): Weight | null {
  const weight = term.node?.opType === 'Cast' ? term.input(0).weight : null;
  return weight?.dtype === 'uint8' ? weight : null;
}

/** Codes as integers: bytes, or looked up in a table of the codes in each byte, or in a table for each plane. */
export function integerCodes(term: Term): FoundCodes | null {
  const bytes = castBytes(term);
  if (bytes !== null) return found(bytes, 8, 0);
  return lookedUpCodes(term) ?? planeCodes(term);
}

function found(weight: Weight, bits: number, offset: number): FoundCodes {
  const [first = 1, ...rest] = weight.shape;
  const { planes, codes, bytes } = codePlanes(bits);
  const stored = elementsOf(rest);
  return { codes: { weight, bits, offset }, shape: [first, (planes.length > 1 ? stored / bytes : stored) * codes] };
}

/** Codes that fill bytes evenly. The table may have an offset taken off already: that of signed codes. */
export function lookedUpCodes(term: Term): FoundCodes | null {
  if (term.node?.opType !== 'Gather') return null;
  const bytes = castBytes(term.input(1));
  const table = bytes === null ? null : smallValue(term.input(0));
  if (bytes === null || table?.shape.length !== 2) return null;
  const width = 8 / (table.shape[1] ?? 0);
  const offset = -(table.numbers[0] ?? 0);
  if (![1, 2, 4].includes(width) || !isCodeTable(table.numbers, width, 0, offset)) return null;
  return found(bytes, width, offset);
}

/** True for the codes of `width` bits in each of the 256 bytes, the one in the low bits first. */
export function isCodeTable(numbers: readonly number[], width: number, shift: number, offset: number): boolean {
  const perByte = 8 / width;
  if (numbers.length !== BYTE_VALUES * perByte) return false;
  return numbers.every((number, index) => {
    const place = index % perByte;
    const byte = (index - place) / perByte;
    return number === ((byte >> (place * width)) & (2 ** width - 1)) * 2 ** shift - offset;
  });
}

/** The sum of the codes in each plane, the lowest bits first. */
function planeCodes(term: Term): FoundCodes | null {
  const terms: Term[] = [];
  let left = term;
  while (left.node?.opType === 'Add' && terms.length < 3) {
    terms.unshift(left.input(1));
    left = left.input(0);
  }
  const parts = [left, ...terms].map(planePart);
  const widths = parts.map((part) => part?.width ?? 0);
  const bits = widths.reduce((sum, width) => sum + width, 0);
  const [first] = parts;
  if (!first || bits < 3 || bits > 7) return null;
  const { planes } = codePlanes(bits);
  let at = 0;
  const fits = planes.every((plane, index) => {
    const part = parts[index];
    const same = part?.bytes === first.bytes && isPlane(part, plane, at);
    at += plane.bytes;
    return same;
  });
  return fits && planes.length === parts.length ? found(first.bytes, bits, 0) : null;
}

interface PlanePart {
  readonly bytes: Weight;
  readonly width: number;
  readonly columns: readonly number[];
  readonly table: readonly number[];
}

function planePart(term: Term): PlanePart | null {
  const lookup = term.node?.opType === 'Reshape' ? term.input(0) : term;
  const chosen = lookup.node?.opType === 'Gather' ? lookup.input(1) : null;
  if (chosen?.node?.opType !== 'Gather') return null;
  const bytes = castBytes(chosen.input(0));
  const columns = smallValue(chosen.input(1));
  const table = smallValue(lookup.input(0));
  if (bytes === null || columns === null || table === null) return null;
  return { bytes, width: (8 * BYTE_VALUES) / table.numbers.length, columns: columns.numbers, table: table.numbers };
}

function isPlane({ width, columns, table }: PlanePart, plane: Plane, at: number): boolean {
  const same = columns.length === plane.bytes && columns.every((column, index) => column === at + index);
  return same && width === plane.width && isCodeTable(table, width, plane.shift, 0);
}
