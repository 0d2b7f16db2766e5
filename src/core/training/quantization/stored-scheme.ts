import type { WeightScheme } from '../../compression/encodings/scheme';
import { EdgewiseError } from '../../errors';
import { weightGrid, type WeightBits } from './grid';
import { isCodeBits, type CodeBits } from '../../compression/encodings/packing';

/**
 * How a weight that learned on a grid is stored without being rounded once more.
 * @param steps one, or one a channel
 * @param asCodes true where integer kernels take it: two values are then codes, too
 */
export function storedScheme(
  bits: WeightBits,
  axis: number | null,
  steps: Float32Array,
  asCodes: boolean,
): WeightScheme {
  if (bits === 'binary' && !asCodes)
    return { kind: 'palette', bits: 1, axis, groups: axis === null ? 1 : steps.length, method: 'unique' };
  const { low, high } = weightGrid(bits);
  // Integer kernels take int8: 7 bits, which are for processors, are not packed.
  const stored = asCodes && bits === KERNEL_BITS - 1 ? KERNEL_BITS : codeBits(bits);
  const symmetric = low === -high;
  const zeroPoint = symmetric ? null : new Int32Array(steps.length).fill(-low);
  return {
    ...{ kind: 'affine', bits: stored, axis, block: null, symmetric, scales: 'minmax' },
    given: { scale: steps, zeroPoint },
  };
}

const KERNEL_BITS = 8;

/** Codes with a sign have two bits or more. */
function codeBits(bits: WeightBits): CodeBits {
  const stored = typeof bits === 'number' ? bits : 2;
  if (isCodeBits(stored)) return stored;
  throw new EdgewiseError('bad-recipe', `Weights of ${stored} bits cannot be stored. Use 2 to 8.`);
}
