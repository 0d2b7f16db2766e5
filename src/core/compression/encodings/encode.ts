import type { Kernels } from '../../kernels';
import { affineTensor } from './affine';
import { denseTensor } from './dense';
import type { EncodedTensor } from './encoded-tensor';
import { paletteTensor } from './palette';
import type { RealValues } from './real-values';
import type { WeightScheme } from './scheme';

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
export function encodeWeight(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: WeightScheme,
  options: EncodeOptions = {},
): Promise<EncodedTensor> {
  switch (scheme.kind) {
    case 'dense':
      return Promise.resolve(denseTensor(kernels, shape, openValues, scheme.dtype, options.onNonFinite));
    case 'affine':
      return Promise.resolve(affineTensor(kernels, shape, openValues, scheme, options.onNonFinite));
    case 'palette':
      return paletteTensor(kernels, shape, openValues, scheme, options.onNonFinite, options.signal);
  }
}
