import type { Kernels } from '../../kernels';
import { partLayout, scaleLayout } from '../../kernels/scale-layout';
import { elementsOf, type ByteStream } from '../../model/model';
import { affineDecoder } from './affine';
import { streamFeed } from './byte-feed';
import { denseDecoder, float32Stream } from './dense';
import type { AffineTensor, DenseTensor, EncodedTensor, PaletteTensor, SparseTensor } from './encoded-tensor';
import { paletteDecoder } from './palette';
import { RealValues } from './real-values';
import { expandedStream } from './sparse';

/** The real values of an encoded tensor, step by step in the kernels' memory. A new encoding is one line here. */
export function valuesOf(kernels: Kernels, tensor: EncodedTensor): RealValues {
  switch (tensor.kind) {
    case 'dense':
      return denseValues(kernels, tensor);
    case 'affine':
      return affineValues(kernels, tensor);
    case 'palette':
      return paletteValues(kernels, tensor);
    case 'sparse':
      return sparseValues(kernels, tensor);
  }
}

/** The real values of an encoded tensor as little-endian float32, row-major. */
export function decode(kernels: Kernels, tensor: EncodedTensor): ByteStream {
  return float32Stream(kernels, elementsOf(tensor.shape), () => valuesOf(kernels, tensor));
}

function denseValues(kernels: Kernels, tensor: DenseTensor): RealValues {
  return new RealValues(kernels, elementsOf(tensor.shape), streamFeed(tensor.data), () =>
    Promise.resolve(denseDecoder(kernels, tensor.dtype)),
  );
}

function affineValues(kernels: Kernels, tensor: AffineTensor): RealValues {
  return new RealValues(kernels, elementsOf(tensor.shape), streamFeed(tensor.codes), async (signal) =>
    affineDecoder(kernels, {
      bits: tensor.bits,
      signed: tensor.signed,
      layout: scaleLayout(tensor.shape, tensor.axis, tensor.block),
      ...(await tensor.scales(signal)),
    }),
  );
}

function paletteValues(kernels: Kernels, tensor: PaletteTensor): RealValues {
  return new RealValues(kernels, elementsOf(tensor.shape), streamFeed(tensor.codes), async (signal) =>
    paletteDecoder(kernels, {
      bits: tensor.bits,
      layout: partLayout(tensor.shape, tensor.axis, tensor.groups),
      table: await tensor.table(signal),
    }),
  );
}

function sparseValues(kernels: Kernels, tensor: SparseTensor): RealValues {
  const expanded = expandedStream(kernels, tensor, decode(kernels, tensor.values));
  return new RealValues(kernels, elementsOf(tensor.shape), streamFeed(expanded), () =>
    Promise.resolve(denseDecoder(kernels, 'float32')),
  );
}
