import type { Encoding } from '../../model/encoding';
import type { EncodedTensor } from './encoded-tensor';

/** What a tensor is encoded as, without its numbers. */
export function encodingOf(tensor: EncodedTensor): Encoding {
  switch (tensor.kind) {
    case 'dense':
      return { kind: 'dense', dtype: tensor.dtype };
    case 'affine': {
      const { kind, bits, signed, axis, block } = tensor;
      return { kind, bits, signed, axis, block };
    }
    case 'palette': {
      const { kind, bits, axis, groups } = tensor;
      return { kind, bits, axis, groups };
    }
    case 'sparse':
      return { kind: 'sparse', positions: 'mask', values: encodingOf(tensor.values) };
  }
}
