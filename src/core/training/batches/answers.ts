import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import type { Tensor } from '../../runtime/tensor';
import { LABELS, targetOf } from '../losses/loss';
import { checkTarget } from './check-answers';

/**
 * Labels and targets of samples, those of them that a training graph is fed.
 * @throws EdgewiseError `bad-data` for a target that is no number
 */
export async function answersFor(
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
    if (!tensor) continue;
    checkTarget(set, targetOf(name), tensor, positions);
    answers[targetOf(name)] = tensor;
  }
  return answers;
}

/** @throws EdgewiseError `bad-data` when the set is shorter than a batch, or lacks labels or targets that are fed */
export function checkSet(
  set: DataSet,
  { size, fed }: { readonly size: number; readonly fed: readonly string[] },
): void {
  const file = { file: set.source };
  if (set.length < size)
    throw new EdgewiseError(
      'bad-data',
      `"${set.source}" holds ${set.length} samples, fewer than a batch of ${size}. Use more data, a smaller --batch, or a model whose batch is open.`,
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
