import type { SparseTensor } from '../../../../compression/encodings/encoded-tensor';
import { fillerCode, type StepBits } from '../../../../compression/encodings/step-counts';
import { elementsOf, type ByteStream } from '../../../../model/model';
import { filledUp } from './regrouped';
import type { Made } from './affine';
import { codesInPlanes } from './code-bytes';
import { codeTable, INT32, lookUpCodes } from './code-lookup';
import { codePlanes } from '../../../../compression/encodings/code-planes';
import { codeShape, firstOf } from './code-shape';
import type { UnpackingBuilder } from './operands';
import { flatValues, inWholeGroups } from './flat-values';
import { entriesInGroups, spreadValues, stepCodes } from './steps';

/** Bits of a byte, as codes. */
const MASK = codePlanes(1).planes[0] ?? { width: 1, shift: 0, bytes: 1 };

/** A tensor of nothing but zeros with the first of them written out, since a program needs something to put somewhere. */
export function withOneZero(tensor: SparseTensor): SparseTensor {
  const mask = filledUp(bytesStream(Uint8Array.of(1)), tensor.mask.byteLength);
  const data = bytesStream(new Uint8Array(Float32Array.BYTES_PER_ELEMENT));
  return { ...tensor, nonZeros: 1, mask, values: { kind: 'dense', shape: [1], dtype: 'float32', data } };
}

function bytesStream(bytes: Uint8Array): ByteStream {
  return {
    byteLength: bytes.byteLength,
    async *chunks() {
      yield await Promise.resolve(bytes);
    },
  };
}

/**
 * Positions as a bit an element. An element's value is looked up by how many non-zeros there are up to it, and at 0,
 * which stands in front of the values, where its own bit is not set. Sums run over bytes first, since they are the slowest.
 */
export function maskedValues(b: UnpackingBuilder, tensor: SparseTensor): Made {
  const count = elementsOf(tensor.shape);
  const { value: values, name } = flatValues(b, inWholeGroups(tensor.values));
  const bytes = b.op('Cast', [b.own('uint8', [Math.ceil(count / 8)], tensor.mask)], INT32);
  const bits = codeTable(b, MASK);
  const upTo = b.op('CumSum', [bits, b.int(1)]);
  const inByte = b.op('Gather', [upTo, b.ints(7)], { axis: { kind: 'int', value: 1 } });
  const before = b.op('CumSum', [b.op('Gather', [inByte, bytes]), b.int(0)], { exclusive: { kind: 'int', value: 1 } });
  const within = b.op('Gather', [b.op('Mul', [upTo, bits]), bytes]);
  const rank = b.op('Add', [b.op('Mul', [before, b.op('Gather', [bits, bytes])]), within]);
  const found = b.op('Gather', [b.op('Concat', [b.floats(0), values], { axis: { kind: 'int', value: 0 } }), rank]);
  const target = b.shape(tensor.shape);
  const all = count % 8 === 0 ? found : firstOf(b, b.op('Reshape', [found, b.ints(-1)]), target);
  return {
    value: b.op('Reshape', [all, target]),
    name: `Mask${count % 8 === 0 ? '' : 'Filled'}${name.replace('Flat', '')}`,
  };
}

/** Positions as steps of `bits` bits from one non-zero to the next (`step-counts.ts`). @param entries fillers included. */
export function steppedValues(b: UnpackingBuilder, tensor: SparseTensor, bits: StepBits, entries: number): Made {
  const hasFillers = entries > tensor.nonZeros;
  const count = entriesInGroups(tensor, bits, entries);
  const { value: values, name } = flatValues(b, spreadValues(tensor, bits, count));
  const stored = codeShape(bits, [count]).stored;
  const bytes = b.own('uint8', stored, codesInPlanes(stepCodes(tensor, bits, count), bits, count, false));
  const codes = lookUpCodes(b, bytes, bits);
  const steps = bits === 8 ? codes : b.op('Reshape', [codes, b.ints(-1)]);
  const target = b.shape(tensor.shape);
  const zeros = b.op('Reshape', [b.op('ConstantOfShape', [target]), b.ints(-1)]);
  const scattered = b.op(
    'ScatterElements',
    [zeros, positions(b, steps, bits, hasFillers), hasFillers ? withoutFillers(b, steps, values, bits) : values],
    { axis: { kind: 'int', value: 0 } },
  );
  const value = b.op('Reshape', [scattered, target]);
  return { value, name: `Steps${bits}${hasFillers ? 'Far' : ''}${name.replace('Flat', '')}` };
}

function positions(b: UnpackingBuilder, steps: string, bits: StepBits, hasFillers: boolean): string {
  const lengths = hasFillers ? b.op('Min', [steps, int32(b, fillerCode(bits) - 1)]) : steps;
  return b.op('CumSum', [lengths, b.int(0)]);
}

function withoutFillers(b: UnpackingBuilder, steps: string, values: string, bits: StepBits): string {
  return b.op('Where', [b.op('Less', [steps, int32(b, fillerCode(bits))]), values, b.float(0)]);
}

function int32(b: UnpackingBuilder, number: number): string {
  return b.op('Cast', [b.int(number)], INT32);
}
