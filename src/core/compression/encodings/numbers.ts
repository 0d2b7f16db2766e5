import { constantNumbers } from '../../analysis/tensor-constants';
import { EdgewiseError } from '../../errors';
import { weightBytes, type WeightReader } from '../../formats/weight-reader';
import { bitsOf, isInteger, isSigned } from '../../model/dtype';
import { elementsOf, type Weight } from '../../model/model';
import { isCodeBits, unpackCodes } from './packing';

/** `constantNumbers` takes no more at once. */
const PART = 4096;

/**
 * The numbers of a tensor that goes with a weight: scales, zero points. They are in memory, so never ask for a weight.
 * @throws EdgewiseError `unsupported` for dtypes that are no plain numbers.
 */
export async function readNumbers(reader: WeightReader, weight: Weight): Promise<number[]> {
  const elements = elementsOf(weight.shape);
  const bytes = await reader.read(weight, 0, weightBytes(weight));
  const plain = widened(weight, elements, bytes);
  const width = bitsOf(plain.dtype) / 8;
  const numbers: number[] = [];
  for (let first = 0; first < elements; first += PART) {
    const count = Math.min(PART, elements - first);
    const part = plain.bytes.slice(first * width, (first + count) * width);
    const found = constantNumbers({
      name: weight.name,
      dtype: plain.dtype,
      shape: [count],
      data: { kind: 'bytes', bytes: part },
    });
    if (found === null) {
      throw new EdgewiseError('unsupported', `The tensor "${weight.name}" of type ${weight.dtype} is not read here.`);
    }
    for (const number of found) numbers.push(number);
  }
  return numbers;
}

/** Packed integers as one a byte. */
function widened(weight: Weight, elements: number, bytes: Uint8Array): { dtype: Weight['dtype']; bytes: Uint8Array } {
  const bits = bitsOf(weight.dtype);
  if (bits === 8 || !isCodeBits(bits) || !isInteger(weight.dtype)) return { dtype: weight.dtype, bytes };
  const unpacked = new Uint8Array(elements);
  const signed = isSigned(weight.dtype);
  unpackCodes(bits, signed, bytes, unpacked);
  return { dtype: signed ? 'int8' : 'uint8', bytes: unpacked };
}
