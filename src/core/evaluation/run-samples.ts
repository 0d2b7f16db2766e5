import { EdgewiseError } from '../errors';
import { elementsOf } from '../model/model';
import { breathe, throwIfCancelled, type JobContext } from '../progress';
import type { Session } from '../runtime/session';
import type { Tensor } from '../runtime/tensor';
import { fixedBatch, freeBatch, positionsInBatches } from './batching';
import { topOne } from './class-scores';
import { toDoubles } from './data/conversion';
import type { DataSet } from './data/data-set';
import type { JudgedBatch, OutputValues } from './metrics';

export interface SamplesRun {
  readonly session: Session;
  readonly set: DataSet;
  /** Outputs that are wanted. */
  readonly fetch: readonly string[];
  /** The one of them with class scores; null where there is none. */
  readonly scores: string | null;
  readonly stage: string;
  readonly context: JobContext;
}

/**
 * Runs a model on every sample of a set, batch by batch, in the set's order. A model with a fixed batch gets full ones,
 * the last filled up with copies, which `each` does not see.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function runSamples(run: SamplesRun, each: (batch: JudgedBatch) => void | Promise<void>): Promise<void> {
  const { session, set, context, stage } = run;
  const fixed = fixedBatch(session.inputs, set);
  let size = fixed ?? freeBatch(set);
  for (let done = 0; done < set.length;) {
    throwIfCancelled(context.signal);
    const [steps = []] = positionsInBatches(Math.min(size, set.length - done), size);
    const positions = steps.map((position) => done + position);
    const batch = await runBatch(run, positions, fixed);
    if (batch === null) {
      // Some exports name the batch and still work for one sample only.
      size = 1;
      continue;
    }
    await each(batch);
    done += positions.length;
    context.progress({ stage, done, total: set.length, unit: 'images' });
    await breathe();
  }
}

/** These samples judged; null when the model did not take several at once although it says that it does. */
async function runBatch(
  { session, set, fetch, scores }: SamplesRun,
  positions: readonly number[],
  fixed: number | null,
): Promise<JudgedBatch | null> {
  const last = positions.at(-1) ?? 0;
  const filled = fixed === null ? positions : Array.from({ length: fixed }, (_, index) => positions[index] ?? last);
  const { inputs } = await set.batch(filled);
  const mayRetry = filled.length > 1 && fixed === null;
  let answers: Record<string, Tensor>;
  try {
    answers = await session.run(inputs, fetch);
  } catch (error) {
    if (EdgewiseError.is(error, 'runtime') && mayRetry) return null;
    throw error;
  }
  const outputs = perSample(answers, filled.length, positions.length);
  if (scores === null ? Object.keys(outputs).length === 0 : outputs[scores] === undefined) {
    if (mayRetry) return null;
    const what = scores === null ? 'outputs do' : `output ${scores} does`;
    throw new EdgewiseError('runtime', `The model's ${what} not give one answer for each sample.`);
  }
  const classScores = scores === null ? undefined : answers[scores];
  return {
    positions,
    inputs,
    outputs,
    answers: classScores === undefined ? null : topOne(classScores).subarray(0, positions.length),
    targets: set.targets === undefined ? {} : perSample(await set.targets.read(positions), positions.length),
  };
}

/** Tensors with one part a sample, without the copies that filled the batch. */
function perSample(
  tensors: Readonly<Record<string, Tensor>>,
  batch: number,
  samples = batch,
): Record<string, OutputValues> {
  const found: [string, OutputValues][] = [];
  for (const [
    name,
    {
      dtype,
      shape: [count, ...shape],
      data,
    },
  ] of Object.entries(tensors)) {
    if (count !== batch) continue;
    const size = elementsOf(shape);
    found.push([name, { shape, size, values: toDoubles(dtype, data.subarray(0, samples * size)) }]);
  }
  return Object.fromEntries(found);
}
