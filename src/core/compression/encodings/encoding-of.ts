import type { Encoding } from '../../model/encoding';
import type { EncodedTensor } from './encoded-tensor';

/** What a tensor is encoded as, without its numbers. */
export function encodingOf(tensor: EncodedTensor): Encoding {
  if (tensor.kind === 'dense') return { kind: 'dense', dtype: tensor.dtype };
  const { kind, bits, signed, axis, block } = tensor;
  return { kind, bits, signed, axis, block };
}
