import type { Tensor } from '../../runtime/tensor';

/** Changes a batch's pictures at random; the same for a seed. The tensors that come in may be changed in place. */
export type Augmentation = (inputs: Readonly<Record<string, Tensor>>, seed: number) => Readonly<Record<string, Tensor>>;
