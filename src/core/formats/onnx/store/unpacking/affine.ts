import type { AffineTensor } from '../../../../compression/encodings/encoded-tensor';
import { scaleStream, zeroPointCodes } from '../scale-streams';
import { codesInPlanes } from './code-bytes';
import { codeTable, FLOAT32, INT32, lookUpCodes } from './code-lookup';
import { codePlanes } from '../../../../compression/encodings/code-planes';
import { codeShape, reshaped, targetOf, type CodeShape } from './code-shape';
import type { UnpackingBuilder } from './operands';
import { scaleLayout, type ScaleLayout } from './scale-layout';
import { elementsOf } from '../../../../model/model';

/** A value of a program, and the name of what makes it, which tells its variant. */
export interface Made {
  readonly value: string;
  readonly name: string;
}

/** `(code - zeroPoint) * scale`: float32 in the tensor's shape. */
export function affineValues(b: UnpackingBuilder, tensor: AffineTensor): Made {
  const from = codeShape(tensor.bits, tensor.shape);
  const scales = scaleLayout(tensor);
  const keepsRows = from.byRows && !(scales.split !== null && tensor.axis === 0);
  const codes = shaped(b, realCodes(b, tensor, from), tensor, from, scales, keepsRows);
  const scale = alongAxis(b, b.own('float32', scales.shape, scaleStream(tensor, scales.count)), scales);
  const product = b.op('Mul', [tensor.symmetric ? codes : b.op('Sub', [codes, zeroPoints(b, tensor, scales)]), scale]);
  const value =
    scales.split === null ? product : b.op('Reshape', [product, b.shape(targetOf(tensor.shape, keepsRows))]);
  return { value, name: `${typeName(tensor)}${from.filled ? 'Filled' : ''}${layoutName(tensor, from, scales)}` };
}

function typeName({ signed, bits }: AffineTensor): string {
  return `${signed ? 'Int' : 'Uint'}${bits}`;
}

function layoutName(tensor: AffineTensor, from: CodeShape, { split, cut }: ScaleLayout): string {
  const zero = tensor.symmetric ? '' : 'Zero';
  const flat = tensor.shape.length === 1 && !from.filled ? 'Flat' : '';
  if (cut !== null) return `${flat}Cut${cut.length}x${cut.block}x${cut.axis}${zero}`;
  return `${flat}${split === null ? '' : 'Blocks'}${zero}`;
}

/** The codes as real numbers, signed where they are, in whatever shape they were looked up. */
function realCodes(b: UnpackingBuilder, tensor: AffineTensor, from: CodeShape): string {
  const { bits, signed } = tensor;
  if (bits === 8) {
    return b.op('Cast', [b.own(signed ? 'int8' : 'uint8', from.stored, tensor.codes)], FLOAT32);
  }
  const stream = codesInPlanes(tensor.codes, bits, elementsOf(tensor.shape), signed);
  const bytes = b.own('uint8', from.stored, stream);
  const { planes } = codePlanes(bits);
  const [only] = planes;
  if (planes.length > 1 || only === undefined) return signedAgain(b, tensor, lookUpCodes(b, bytes, bits));
  // The table is small: what is done to it is not done to every element.
  const table = signedAgain(b, tensor, codeTable(b, only));
  return b.op('Gather', [table, b.op('Cast', [bytes], INT32)]);
}

/** Signed codes are stored plus half their range. */
function signedAgain(b: UnpackingBuilder, { bits, signed }: AffineTensor, codes: string): string {
  const real = b.op('Cast', [codes], FLOAT32);
  return signed ? b.op('Sub', [real, b.float(2 ** (bits - 1))]) : real;
}

function shaped(
  b: UnpackingBuilder,
  codes: string,
  { bits, shape }: AffineTensor,
  from: CodeShape,
  { split }: ScaleLayout,
  keepsRows: boolean,
): string {
  if (split === null) return bits === 8 ? codes : reshaped(b, codes, shape, from);
  if (from.filled) return b.op('Reshape', [reshaped(b, codes, shape, from), b.shape(split)]);
  return b.op('Reshape', [codes, b.shape(targetOf(split, keepsRows))]);
}

function zeroPoints(b: UnpackingBuilder, tensor: AffineTensor, scales: ScaleLayout): string {
  const stored = b.own(tensor.signed ? 'int8' : 'uint8', scales.shape, zeroPointCodes(tensor, scales.count));
  return alongAxis(b, b.op('Cast', [stored], FLOAT32), scales);
}

/** One number for each element of the axis where its last block is cut short. */
function alongAxis(b: UnpackingBuilder, numbers: string, { cut }: ScaleLayout): string {
  if (cut === null) return numbers;
  const blocks = b.op('Div', [b.op('Range', [b.int(0), b.int(cut.length), b.int(1)]), b.int(cut.block)]);
  return b.op('Gather', [numbers, blocks], { axis: { kind: 'int', value: cut.axis } });
}
