import type { Tensor } from '../../runtime/tensor';

/**
 * Changes a batch's samples at random. Each sample has a seed of its own, so that it looks the same whatever batch it
 * comes in, and a teacher's answers to it can be kept. The tensors that come in may be changed in place.
 * @param seeds one a sample
 */
export type Augmentation = (
  inputs: Readonly<Record<string, Tensor>>,
  seeds: readonly number[],
) => Readonly<Record<string, Tensor>>;
