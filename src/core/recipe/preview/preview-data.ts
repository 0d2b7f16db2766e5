import path from 'node:path';
import { summarize } from '../../analysis/summary';
import { EdgewiseError } from '../../errors';
import { fixedBatch } from '../../evaluation/batching';
import { NO_ANSWER, scoresOutput, topOne } from '../../evaluation/class-scores';
import { openRoles, type DataSet } from '../../evaluation/data';
import { preparationText } from '../../evaluation/data/preprocessing/words';
import { toDoubles } from '../../evaluation/data/conversion';
import { thumbnail } from '../../evaluation/thumbnail';
import { readModel } from '../../formats';
import { quoted } from '../../formats/file-errors';
import { elementsOf } from '../../model/model';
import { breathe, throwIfCancelled, type JobContext } from '../../progress';
import { openSession, type Session } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import type { CheckDataRequest } from '../check-data';
import type { DataPreview, PreviewSample } from './preview.schema';
import { tensorPicture } from './tensor-picture';

/** Enough to see whether pictures, labels and answers fit together. */
const SHOWN = 24;

/**
 * A few samples as the model takes them, with its answers. They are spread over the set that choices are made on, so
 * that all classes of a sorted set come up, and the test set stays unseen where there is another.
 * @throws EdgewiseError `bad-data`, `not-found`, `usage`, `runtime`, `cancelled`
 */
export async function previewData(request: CheckDataRequest, context: JobContext): Promise<DataPreview> {
  const model = await readModel(request.model);
  const options = { model: quoted(request.model), metadata: model.metadata };
  const roles = await openRoles(request.data, request.base, summarize(model).inputs, options);
  try {
    const set = roles.selection ?? roles.calibration ?? roles.test;
    if (set === null) throw new EdgewiseError('usage', `Name data for ${quoted(request.model)}: none was given.`);
    const session = await openSession(request.model);
    try {
      const notes = [...roles.splits, ...roles.notes];
      const shown = await preview(path.basename(request.model), session, set, notes, context);
      const preparation = preparationText(request.data.input ?? {});
      return { ...shown, preparation: preparation === '' ? null : preparation };
    } finally {
      await session.close();
    }
  } finally {
    await roles.close();
  }
}

async function preview(
  model: string,
  session: Session,
  set: DataSet,
  notes: string[],
  context: JobContext,
): Promise<Omit<DataPreview, 'preparation'>> {
  const [[name, input] = ['', { dtype: 'float32', shape: [] }]] = Object.entries(set.inputs);
  const scores = scoresOutput(session);
  const samples: PreviewSample[] = [];
  for (const index of spread(set.length)) {
    throwIfCancelled(context.signal);
    samples.push(await sampleOf(session, set, index, { name, scores: 'name' in scores ? scores.name : null }));
    await breathe();
  }
  return {
    model,
    source: set.source,
    total: set.length,
    input: { name, dtype: input.dtype, shape: [...input.shape] },
    notes,
    reason: 'reason' in scores ? scores.reason : null,
    samples,
  };
}

function spread(length: number): number[] {
  const shown = Math.min(SHOWN, length);
  return Array.from({ length: shown }, (_, at) => Math.floor(((at + 0.5) * length) / shown));
}

async function sampleOf(
  session: Session,
  set: DataSet,
  index: number,
  { name, scores }: { name: string; scores: string | null },
): Promise<PreviewSample> {
  const batch = fixedBatch(session.inputs, set) ?? 1;
  const { inputs } = await set.batch(new Array<number>(batch).fill(index));
  const outputs = scores === null ? {} : await session.run(inputs);
  const values = firstOf(inputs[name]);
  const label = set.labels?.[index];
  return {
    index,
    seen: thumbnail(tensorPicture(values, set.inputs[name]?.shape ?? [])),
    original: thumbnail(await set.picture(index)),
    ...range(values),
    label: label === undefined ? null : className(set, label),
    ...answerOf(set, scores === null ? undefined : outputs[scores]),
  };
}

/** The values of the first sample of a batch. */
function firstOf(tensor: Tensor | undefined): Float64Array {
  if (tensor === undefined) return new Float64Array();
  const count = elementsOf(tensor.shape.slice(1));
  return toDoubles(tensor.dtype, tensor.data).subarray(0, count);
}

function range(values: Float64Array): { minimum: number; maximum: number; mean: number } {
  let [minimum, maximum, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  return values.length === 0 ? { minimum: 0, maximum: 0, mean: 0 } : { minimum, maximum, mean: sum / values.length };
}

function answerOf(set: DataSet, scores: Tensor | undefined): Pick<PreviewSample, 'answer' | 'confidence'> {
  if (scores === undefined) return { answer: null, confidence: null };
  const [answer = NO_ANSWER] = topOne(scores);
  if (answer === NO_ANSWER) return { answer: 'none', confidence: null };
  return { answer: className(set, answer), confidence: probabilities(firstOf(scores))[answer] ?? null };
}

/** Sums of scores further from 1 than this are no probabilities. */
const ROUNDING = 1e-3;

function probabilities(scores: Float64Array): Float64Array {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (Math.abs(sum - 1) < ROUNDING && scores.every((score) => score >= 0)) return scores;
  const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}

function className({ classNames }: DataSet, answer: number): string {
  return classNames?.[answer] ?? String(answer);
}
