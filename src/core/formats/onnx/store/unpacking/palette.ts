import type { PaletteTensor } from '../../../../compression/encodings/encoded-tensor';
import { elementsOf } from '../../../../model/model';
import { floatStream } from '../scale-streams';
import type { Made } from './affine';
import { codesInPlanes } from './code-bytes';
import { codeTable, INT32, lookUpCodes } from './code-lookup';
import { codePlanes } from '../../../../compression/encodings/code-planes';
import { codeShape, firstOf, reshaped, targetOf, type CodeShape } from './code-shape';
import type { UnpackingBuilder } from './operands';

/** `table[group][code]`: float32 in the tensor's shape. */
export function paletteValues(b: UnpackingBuilder, tensor: PaletteTensor): Made {
  const { bits, shape } = tensor;
  const from = codeShape(bits, shape);
  const bytes = b.own('uint8', from.stored, codesInPlanes(tensor.codes, bits, elementsOf(shape), false));
  const entries = 2 ** bits * tensor.groups;
  const table = b.own(
    'float32',
    [entries],
    floatStream(entries, (signal) => tensor.table(signal)),
  );
  const filled = from.filled ? 'Filled' : '';
  if (tensor.groups > 1)
    return { value: grouped(b, tensor, from, bytes, table), name: `Palette${bits}Groups${filled}` };
  const values = lookedUp(b, table, bytes, bits);
  const flat = shape.length === 1 && !from.filled ? 'Flat' : '';
  const value = bits === 8 ? values : reshaped(b, values, shape, from);
  return { value, name: `Palette${bits}${bits === 8 ? '' : flat}${filled}` };
}

/** Where codes fill bytes evenly, a table of the entries behind each of the 256 bytes is looked up in. */
function lookedUp(b: UnpackingBuilder, table: string, bytes: string, bits: number): string {
  const { planes } = codePlanes(bits);
  const [only] = planes;
  if (bits === 8 || planes.length > 1 || only === undefined)
    return b.op('Gather', [table, lookUpCodes(b, bytes, bits)]);
  const entries = b.op('Gather', [table, codeTable(b, only)]);
  return b.op('Gather', [entries, b.op('Cast', [bytes], INT32)]);
}

/** All tables in one: a group's codes count from where its table begins. */
function grouped(b: UnpackingBuilder, tensor: PaletteTensor, from: CodeShape, bytes: string, table: string): string {
  const { bits, groups, shape } = tensor;
  const axis = tensor.axis ?? 0;
  const before = elementsOf(shape.slice(0, axis));
  const codes = lookUpCodes(b, bytes, bits);
  const target = b.shape(targetOf(shape, false));
  const all = from.filled ? firstOf(b, b.op('Reshape', [codes, b.ints(-1)]), target) : codes;
  const begins = Array.from({ length: groups }, (_, group) => group * 2 ** bits);
  const byGroup = b.op('Reshape', [all, b.shape([before, groups, elementsOf(shape) / before / groups])]);
  const entries = b.op('Add', [byGroup, b.shared('int32', [groups, 1], begins)]);
  return b.op('Reshape', [b.op('Gather', [table, entries]), target]);
}
