import type { Kernels } from '../../kernels';
import { affineTensor } from './affine';
import { denseTensor } from './dense';
import type { EncodedTensor, SparseTensor } from './encoded-tensor';
import { paletteTensor } from './palette';
import type { RealValues } from './real-values';
import type { WeightScheme } from './scheme';
import { sparseTensor, type EncodeValues } from './sparse';

export interface EncodeOptions {
  /**
   * Gets how many values the encoding cannot hold, if any, each time all have run through: NaN (it becomes 0) and
   * infinities (the largest value) for codes, finite values beyond the largest one for float16 and bfloat16.
   */
  readonly onNonFinite?: (count: number) => void;
  /** Stops what is read at once: what sparse tensors and `unique` palettes need before they are there. */
  readonly signal?: AbortSignal;
}

/**
 * A weight encoded as its scheme says. Scales, tables and codes are found when they are first asked for; `openValues`
 * is called as often as the values have to be gone through.
 * @throws EdgewiseError `unsupported` where the scheme does not go with the weight.
 */
export async function encodeWeight(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: WeightScheme,
  options: EncodeOptions = {},
): Promise<EncodedTensor> {
  if ((scheme.sparsity ?? 0) === 0) return encodeAll(kernels, shape, openValues, scheme, options);
  const encodeValues = (...[keptShape, openKept, keptScheme]: Parameters<EncodeValues>) =>
    encodeAll(kernels, keptShape, openKept, keptScheme, options);
  return sparseTensor(kernels, shape, openValues, scheme, encodeValues, options);
}

/** Every element has a code. A new encoding is one line here. */
async function encodeAll(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: WeightScheme,
  { onNonFinite, signal }: EncodeOptions,
): Promise<SparseTensor['values']> {
  switch (scheme.kind) {
    case 'dense':
      return denseTensor(kernels, shape, openValues, scheme.dtype, onNonFinite);
    case 'affine':
      return affineTensor(kernels, shape, openValues, scheme, onNonFinite);
    case 'palette':
      return paletteTensor(kernels, shape, openValues, scheme, onNonFinite, signal);
  }
}
