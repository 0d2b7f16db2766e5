import { elementsOf, type Weight } from '../../model/model';
import { smallValue } from './small-values';
import { castBytes, integerCodes, isCodeTable, type FoundCodes } from './stored-codes';
import type { Term } from './term';
import type { UnpackedTensor } from './unpacked-tensor';

/** A palette as it is looked up, before its codes get their shape. */
export interface FoundPalette {
  readonly table: Weight;
  readonly found: FoundCodes;
}

/** `Gather(table, codes)`, or the entries behind each byte looked up by bytes. */
export function lookedUpPalette(term: Term): FoundPalette | null {
  if (term.node?.opType !== 'Gather') return null;
  const table = term.input(0).weight;
  if (table !== null) {
    const found = integerCodes(term.input(1));
    return found !== null && isTable(table, found.codes.bits) ? { table, found } : null;
  }
  return byBytes(term);
}

function isTable({ dtype, shape }: Weight, bits: number): boolean {
  return dtype === 'float32' && elementsOf(shape) === 2 ** bits;
}

function byBytes(term: Term): FoundPalette | null {
  const entries = term.input(0);
  const bytes = castBytes(term.input(1));
  const table = entries.node?.opType === 'Gather' ? entries.input(0).weight : null;
  const codes = table === null ? null : smallValue(entries.input(1));
  if (bytes === null || table === null || codes === null) return null;
  const bits = (256 * 8) / codes.numbers.length;
  if (!isTable(table, bits) || !isCodeTable(codes.numbers, bits, 0, 0)) return null;
  const [first = 1, ...rest] = bytes.shape;
  const shape = [first, (elementsOf(rest) * 8) / bits] as const;
  return { table, found: { codes: { weight: bytes, bits, offset: 0 }, shape } };
}

/** `Gather(tables, Reshape(codes, [before, groups, rest]) + group * 2^bits)`. @param shape the tensor's. */
export function groupedPalette(term: Term, shape: readonly number[]): UnpackedTensor | null {
  const table = term.node?.opType === 'Gather' ? term.input(0).weight : null;
  const sum = term.input(1);
  if (table?.dtype !== 'float32' || sum.node?.opType !== 'Add') return null;
  const begins = smallValue(sum.input(1));
  const byGroup = sum.input(0);
  const lengths = byGroup.node?.opType === 'Reshape' ? smallValue(byGroup.input(1))?.numbers : undefined;
  const [before, groups] = lengths ?? [];
  if (begins === null || before === undefined || groups === undefined || begins.numbers.length !== groups) return null;
  const codes = integerCodes(withoutCut(byGroup.input(0)))?.codes;
  if (codes === undefined || elementsOf(table.shape) !== groups * 2 ** codes.bits) return null;
  if (!begins.numbers.every((number, group) => number === group * 2 ** codes.bits)) return null;
  const axis = shape.findIndex((_, at) => elementsOf(shape.slice(0, at)) === before && (shape[at] ?? 0) % groups === 0);
  return axis === -1 ? null : { kind: 'palette', shape, codes, axis, groups, table };
}

/** What is behind a `Slice` that takes off what fills the last group. */
function withoutCut(term: Term): Term {
  const flat = term.node?.opType === 'Slice' ? term.input(0) : null;
  return flat?.node?.opType === 'Reshape' ? flat.input(0) : term;
}
