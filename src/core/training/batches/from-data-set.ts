import type { DataSet } from '../../evaluation/data';
import { EdgewiseError } from '../../errors';
import type { Tensor } from '../../runtime/tensor';
import { LABELS, targetOf } from '../losses/loss';
import type { Augmentation } from './augmentation';
import type { BatchSource } from './batch-source';
import { BatchOrder, seedOf } from './order';

export interface BatchOptions {
  readonly size: number;
  readonly seed: number;
  /** Changes samples at random, by seed. */
  readonly augmentation?: Augmentation;
  /** How many ways a sample is changed in before they repeat; default: another in each epoch. */
  readonly variants?: number;
  /** Names of what the training graph is fed beside the model's inputs. */
  readonly fed: readonly string[];
  /** More to feed with a batch, once its pictures are made: a teacher's answers. */
  readonly also?: (batch: PreparedBatch) => Promise<Readonly<Record<string, Tensor>>>;
}

export interface PreparedBatch {
  readonly step: number;
  /** In the set. */
  readonly positions: readonly number[];
  /** In which of the ways samples are changed. */
  readonly variant: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/**
 * Batches of a set, prepared on this thread.
 * @throws EdgewiseError `bad-data` when the set is shorter than a batch, or lacks labels or targets that are fed
 */
export function batchesOf(set: DataSet, options: BatchOptions): BatchSource {
  checkSet(set, options);
  const { size, seed, augmentation, variants = Infinity, fed, also } = options;
  const order = new BatchOrder(set.length, size, seed);
  return {
    ...{ stepsPerEpoch: order.stepsPerEpoch, size },
    async feeds(step) {
      const positions = [...order.positions(step)];
      const { inputs } = await set.batch(positions);
      const variant = Math.floor(step / order.stepsPerEpoch) % variants;
      const seeds = positions.map((position) => seedOf(seed, position, variant));
      const changed = augmentation ? augmentation(inputs, seeds) : inputs;
      const more = (await also?.({ step, positions, variant, inputs: changed })) ?? {};
      return { ...changed, ...(await answersFor(set, positions, fed)), ...more };
    },
    close: () => Promise.resolve(),
  };
}

async function answersFor(
  set: DataSet,
  positions: readonly number[],
  fed: readonly string[],
): Promise<Record<string, Tensor>> {
  const answers: Record<string, Tensor> = {};
  const { labels, targets } = set;
  if (fed.includes(LABELS) && labels) {
    const data = BigInt64Array.from(positions, (position) => BigInt(labels[position] ?? 0));
    answers[LABELS] = { dtype: 'int64', shape: [positions.length], data };
  }
  const names = targets?.names.filter((name) => fed.includes(targetOf(name))) ?? [];
  if (!targets || names.length === 0) return answers;
  const read = await targets.read(positions);
  for (const name of names) {
    const tensor = read[name];
    if (tensor) answers[targetOf(name)] = tensor;
  }
  return answers;
}

function checkSet(set: DataSet, { size, fed }: BatchOptions): void {
  const file = { file: set.source };
  if (set.length < size)
    throw new EdgewiseError(
      'bad-data',
      `"${set.source}" holds ${set.length} samples, fewer than a batch of ${size}. Use a smaller --batch or more data.`,
      file,
    );
  if (fed.includes(LABELS) && !set.labels)
    throw new EdgewiseError(
      'bad-data',
      `"${set.source}" has no labels, and the loss needs them. Name data with labels, or distil from a teacher.`,
      file,
    );
  for (const name of fed.filter((each) => each.startsWith('target_')))
    if (!set.targets?.names.some((output) => targetOf(output) === name))
      throw new EdgewiseError('bad-data', `"${set.source}" has no array ${name}, and the loss needs it.`, file);
}
