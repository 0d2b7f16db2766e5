import { EdgewiseError } from '../../errors';
import { scoresOutput } from '../../evaluation/class-scores';
import { encodeOnnx } from '../../formats/onnx/encode';
import { openSession, type Session } from '../../runtime/session';
import { Judge } from './judge';
import type { SearchRequest } from './request';
import { batchOf, evenly, Samples } from './samples';
import { scoresOf, type Scores } from './scores';

/** One set of samples, and the judge that knows the original's answers on it. */
export class Bench {
  constructor(
    readonly samples: Samples,
    readonly judge: Judge,
    private readonly output: string,
    private readonly request: SearchRequest,
  ) {}

  /** The scores of a model that is given as the bytes of its file. */
  async scores(model: Uint8Array): Promise<Scores> {
    const { file, job } = this.request;
    const session = await openSession(model, { name: `"${file}" with encoded weights` });
    try {
      return await scoresOf(session, this.output, this.samples, job.signal);
    } finally {
      await session.close();
    }
  }
}

/**
 * Runs the original on some of the selection samples, evenly apart.
 * @throws EdgewiseError `unsupported` for models without class scores, `runtime`, `bad-data`, `cancelled`
 */
export async function openBench(request: SearchRequest, count: number): Promise<Bench> {
  const { model, file, selection, job } = request;
  const session = await openSession(await encodeOnnx(model, job), { name: `"${file}"` });
  try {
    const output = scoresOutput(session);
    if ('reason' in output) throw noClasses(file);
    const chosen = evenly(selection.length, count);
    const { samples, scores } = await runOriginal(session, output.name, chosen, request);
    return new Bench(samples, new Judge(scores, samples.labels()), output.name, request);
  } finally {
    await session.close();
  }
}

async function runOriginal(
  session: Session,
  output: string,
  chosen: Int32Array,
  { selection: set, job, file }: SearchRequest,
): Promise<{ samples: Samples; scores: Scores }> {
  job.progress({ stage: `Running ${file}`, done: 0, total: chosen.length, unit: 'images' });
  const batch = batchOf(session.inputs, set);
  const samples = new Samples(set, chosen, batch);
  try {
    return { samples, scores: await scoresOf(session, output, samples, job.signal) };
  } catch (error) {
    // Some exports name the batch and still work for one sample only.
    if (batch === 1 || !EdgewiseError.is(error, 'runtime')) throw error;
    const single = new Samples(set, chosen, 1);
    return { samples: single, scores: await scoresOf(session, output, single, job.signal) };
  }
}

function noClasses(file: string): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `"${file}" has no output of class scores, so bits cannot be chosen by accuracy. Say how weights are to be encoded, as with --to int8-weights.`,
    { file },
  );
}
