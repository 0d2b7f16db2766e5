import { scaleLayout } from '../../kernels/scale-layout';
import { packedBytes } from '../../model/dtype';
import { elementsOf } from '../../model/model';
import type { AffineTensor, EncodedTensor, PaletteTensor, SparseTensor } from './encoded-tensor';

/**
 * Bytes of what a tensor holds, before anything is read or written and whatever the file: codes or numbers packed, scales
 * and tables as float32, zero points as wide as codes, and a bit an element where zeros are left out. What a format adds
 * (nodes, names, padding, positions in another form) is its own affair.
 */
export function contentBytes(tensor: EncodedTensor): number {
  switch (tensor.kind) {
    case 'dense':
      return packedBytes(tensor.dtype, elementsOf(tensor.shape));
    case 'affine':
      return affineBytes(tensor);
    case 'palette':
      return paletteBytes(tensor);
    case 'sparse':
      return sparseBytes(tensor);
  }
}

/** How many scales a tensor has: one, one a channel, or one a block. */
export function scaleCount({ shape, axis, block }: Pick<AffineTensor, 'shape' | 'axis' | 'block'>): number {
  return scaleLayout(shape, axis, block).scales;
}

function affineBytes(tensor: AffineTensor): number {
  const scales = scaleCount(tensor);
  const zeroPoints = tensor.symmetric ? 0 : bytesOf(tensor.bits, scales);
  return bytesOf(tensor.bits, elementsOf(tensor.shape)) + scales * Float32Array.BYTES_PER_ELEMENT + zeroPoints;
}

function paletteBytes({ bits, shape, groups }: PaletteTensor): number {
  return bytesOf(bits, elementsOf(shape)) + groups * 2 ** bits * Float32Array.BYTES_PER_ELEMENT;
}

function sparseBytes({ shape, values }: SparseTensor): number {
  return bytesOf(1, elementsOf(shape)) + contentBytes(values);
}

function bytesOf(bits: number, count: number): number {
  return Math.ceil((count * bits) / 8);
}
