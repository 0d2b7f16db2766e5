import type {
  AffineTensor,
  DenseTensor,
  EncodedTensor,
  PaletteTensor,
  SparseTensor,
} from '../../../../compression/encodings/encoded-tensor';
import { STEP_BITS } from '../../../../compression/encodings/step-counts';
import type { DType } from '../../../../model/dtype';
import { codeOfDtype } from '../../data-types';
import { affineValues, type Made } from './affine';
import { flatValues } from './flat-values';
import { UnpackingBuilder, type Unpacking } from './operands';
import { paletteValues } from './palette';
import { maskedValues, steppedValues, withOneZero } from './sparse';

/**
 * The ways in which a tensor can unpack itself, as values of `dtype`: one, but for sparse tensors, whose positions may
 * be kept in several ways. None for dense tensors, which need at most a `Cast`.
 */
export function unpackings(tensor: EncodedTensor, dtype: DType): Unpacking[] {
  switch (tensor.kind) {
    case 'dense':
      return [];
    case 'affine':
      return [unpacking(dtype, (b) => affineValues(b, tensor))];
    case 'palette':
      return [unpacking(dtype, (b) => paletteValues(b, tensor))];
    case 'sparse':
      return sparseUnpackings(tensor, dtype);
  }
}

/** The way in which any number of rows of a matrix unpack themselves: no shape in it is that of the whole. */
export function rowUnpacking(tensor: DenseTensor | AffineTensor | PaletteTensor, dtype: DType): Unpacking {
  switch (tensor.kind) {
    case 'dense':
      return unpacking(dtype, (b) => flatValues(b, tensor));
    case 'affine':
      return unpacking(dtype, (b) => affineValues(b, tensor));
    case 'palette':
      return unpacking(dtype, (b) => paletteValues(b, tensor));
  }
}

function sparseUnpackings(tensor: SparseTensor, dtype: DType): Unpacking[] {
  if (tensor.nonZeros === 0) return [unpacking(dtype, (b) => steppedValues(b, withOneZero(tensor), 8, 1))];
  const masked = unpacking(dtype, (b) => maskedValues(b, tensor));
  const counts = tensor.stepCounts;
  // Blocks of values lie between fillers too, which would move them.
  const isBlocked = tensor.values.kind === 'affine' && tensor.values.block !== null;
  if (counts === undefined || isBlocked) return [masked];
  const stepped = STEP_BITS.map((bits) => unpacking(dtype, (b) => steppedValues(b, tensor, bits, counts[bits])));
  return [masked, ...stepped];
}

function unpacking(dtype: DType, make: (b: UnpackingBuilder) => Made): Unpacking {
  const b = new UnpackingBuilder();
  const { value, name } = make(b);
  if (dtype === 'float32') return b.unpacking(name, value);
  const cast = b.op('Cast', [value], { to: { kind: 'int', value: codeOfDtype(dtype) } });
  return b.unpacking(`${name}To${dtype}`, cast);
}
