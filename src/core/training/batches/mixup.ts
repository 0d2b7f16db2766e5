import { EdgewiseError } from '../../errors';
import { randomNumbers } from '../../evaluation/data/split';
import { elementsOf } from '../../model/model';
import type { Tensor } from '../../runtime/tensor';
import { LABELS, MIXED_LABELS, SHARE } from '../losses/loss';
import { betaNumber } from './beta-numbers';

type Tensors = Readonly<Record<string, Tensor>>;

export interface MixableBatch {
  readonly inputs: Tensors;
  /** Labels and targets. */
  readonly answers: Tensors;
}

/**
 * Mixes each sample of a batch with another of it (Zhang et al. 2018): `share * own + (1 - share) * other`, shares from
 * Beta(strength, strength). Targets are mixed as the inputs are; labels stay, and those of the other samples and the
 * shares are fed beside them.
 * @param seed decides partners and shares
 * @throws EdgewiseError `bad-recipe` for inputs that are no float32: texts and indices cannot be mixed
 */
export function mixed({ inputs, answers }: MixableBatch, strength: number, seed: number): MixableBatch {
  const [first] = Object.values(inputs);
  const samples = first?.shape[0] ?? 0;
  const random = randomNumbers(seed);
  const partners = shuffled(samples, random);
  const shares = Float32Array.from({ length: samples }, () => betaNumber(strength, random));
  const { [LABELS]: labels, ...targets } = answers;
  const mix = (tensors: Tensors): Tensors =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, mixedTensor(name, tensor, partners, shares)]),
    );
  return {
    inputs: mix(inputs),
    answers: { ...mix(targets), ...(labels ? mixedLabels(labels, partners, shares) : {}) },
  };
}

function mixedLabels(labels: Tensor, partners: Int32Array, shares: Float32Array): Tensors {
  const { data } = labels;
  return {
    [LABELS]: labels,
    [MIXED_LABELS]: { ...labels, data: BigInt64Array.from(partners, (one) => BigInt(data[one] ?? 0)) },
    [SHARE]: { dtype: 'float32', shape: [shares.length, 1], data: shares },
  };
}

function mixedTensor(name: string, tensor: Tensor, partners: Int32Array, shares: Float32Array): Tensor {
  const { data, shape } = tensor;
  if (!(data instanceof Float32Array))
    throw new EdgewiseError(
      'bad-recipe',
      `augment.mixup mixes float32 values, and "${name}" takes ${tensor.dtype}. Leave mixup out.`,
    );
  // Constants of a model are one for all samples.
  if (shape[0] !== shares.length) return tensor;
  const length = elementsOf(shape.slice(1));
  const result = new Float32Array(data.length);
  partners.forEach((partner, sample) => {
    const share = shares[sample] ?? 1;
    for (let index = 0; index < length; index++)
      result[sample * length + index] =
        share * (data[sample * length + index] ?? 0) + (1 - share) * (data[partner * length + index] ?? 0);
  });
  return { dtype: 'float32', shape, data: result };
}

function shuffled(length: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}
