import type { SparseTensor } from '../../../../compression/encodings/encoded-tensor';
import { affineValues, type Made } from './affine';
import { FLOAT32 } from './code-lookup';
import { elementsOf } from '../../../../model/model';
import { codePlanes } from '../../../../compression/encodings/code-planes';
import { filledUp } from './regrouped';
import type { UnpackingBuilder } from './operands';
import { paletteValues } from './palette';

/** The values of a sparse tensor as a float32 vector. */
export function flatValues(b: UnpackingBuilder, tensor: SparseTensor['values']): Made {
  switch (tensor.kind) {
    case 'affine':
      return affineValues(b, tensor);
    case 'palette':
      return paletteValues(b, tensor);
    case 'dense': {
      const stored = b.own(tensor.dtype, tensor.shape, tensor.data);
      if (tensor.dtype === 'float32') return { value: stored, name: 'Float32' };
      return { value: b.op('Cast', [stored], FLOAT32), name: 'Cast' };
    }
  }
}

/** The values and what fills the last group of codes, and the last block: nothing looks at that. */
export function inWholeGroups(tensor: SparseTensor['values']): SparseTensor['values'] {
  if (tensor.kind === 'dense') return tensor;
  const { codes } = codePlanes(tensor.bits);
  const block = tensor.kind === 'affine' && tensor.block !== null ? tensor.block : 1;
  const group = block % codes === 0 ? block : block * codes;
  const count = Math.ceil(elementsOf(tensor.shape) / group) * group;
  return { ...tensor, shape: [count], codes: filledUp(tensor.codes, Math.ceil((count * tensor.bits) / 8)) };
}
