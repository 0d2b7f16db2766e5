import type { DataSet } from '../../evaluation/data';
import type { Tensor } from '../../runtime/tensor';
import { answersFor, checkSet } from './answers';
import { augmentationOf, type Augment, type Augmentation } from './augmentation';
import { checkAugment } from './check-augment';
import { mixed } from './mixup';
import { BatchOrder, seedOf } from './order';

/** What batches are made of: plain data, so that another thread can make them too. */
export interface BatchPlan {
  readonly size: number;
  readonly seed: number;
  /** Names of what the training graph is fed beside the model's inputs. */
  readonly fed: readonly string[];
  /** Changes samples at random, by seed. */
  readonly augment?: Augment;
  /** How many ways a sample is changed in before they repeat; default: another in each epoch. */
  readonly variants?: number;
}

/** A batch before anything is added that only the main thread can make. */
export interface PreparedBatch {
  readonly step: number;
  /** In the set. */
  readonly positions: readonly number[];
  /** In which of the ways samples are changed. */
  readonly variant: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Labels and targets. */
  readonly answers: Readonly<Record<string, Tensor>>;
}

/** Keeps the streams of mixtures apart from those of order and changes. */
const MIXTURES = 11;

/** Makes the batch of any step of a set: the same for a seed, on whatever thread. */
export class BatchPreparation {
  readonly stepsPerEpoch: number;
  private readonly order: BatchOrder;
  private readonly augmentation: Augmentation | null;

  /** @throws EdgewiseError `bad-data` or `bad-recipe` where set and plan do not fit */
  constructor(
    private readonly set: DataSet,
    private readonly plan: BatchPlan,
  ) {
    checkSet(set, plan);
    if (plan.augment) checkAugment(plan.augment, set, plan.fed);
    this.order = new BatchOrder(set.length, plan.size, plan.seed);
    this.stepsPerEpoch = this.order.stepsPerEpoch;
    this.augmentation = augmentationOf(plan.augment, set.inputs);
  }

  async prepare(step: number): Promise<PreparedBatch> {
    const { set, order, plan, augmentation } = this;
    const { seed, variants = Infinity, fed, augment } = plan;
    const positions = [...order.positions(step)];
    const variant = Math.floor(step / order.stepsPerEpoch) % variants;
    const seeds = positions.map((position) => seedOf(seed, position, variant));
    const { inputs } = await set.batch(positions);
    const changed = augmentation ? augmentation(inputs, seeds) : inputs;
    const answers = await answersFor(set, positions, fed);
    const strength = augment?.mixup;
    const common = { step, positions, variant };
    if (strength === undefined) return { ...common, inputs: changed, answers };
    const mixture = mixed({ inputs: changed, answers }, strength, seedOf(seed, step, MIXTURES));
    return { ...common, ...mixture };
  }
}
