import { randomNumbers } from '../../evaluation/data/split';

/** 2^32 over the golden ratio: neighbouring numbers come to lie far apart. */
const SPREAD = 0x9e3779b9;

/**
 * A seed for one purpose at one place: independent streams from one seed of the user's. Seed and places are mixed one
 * after another, so that no other seed has the same streams at other places.
 */
export function seedOf(seed: number, ...place: readonly number[]): number {
  return place.reduce((state, part) => mixed(Math.imul(state, SPREAD) + part), mixed(seed));
}

/** All bits depend on all bits (the last steps of MurmurHash3). */
function mixed(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** Which samples make which batch: shuffled anew for each epoch, by seed. */
export class BatchOrder {
  readonly stepsPerEpoch: number;
  private epoch = -1;
  private order: Int32Array = new Int32Array(0);

  /** @param samples at least `size` */
  constructor(
    private readonly samples: number,
    private readonly size: number,
    private readonly seed: number,
  ) {
    this.stepsPerEpoch = Math.floor(samples / size);
  }

  /** Positions of the samples of a step, from 0. */
  positions(step: number): Int32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.epoch) {
      this.order = shuffled(this.samples, seedOf(this.seed, epoch));
      this.epoch = epoch;
    }
    const start = (step % this.stepsPerEpoch) * this.size;
    return this.order.subarray(start, start + this.size);
  }
}

/** The positions 0 to `length` - 1 in an order that depends on the seed (Fisher and Yates). */
function shuffled(length: number, seed: number): Int32Array {
  const order = Int32Array.from({ length }, (_, index) => index);
  const random = randomNumbers(seed);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
