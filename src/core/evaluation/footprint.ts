import { readModel } from '../formats';
import type { JobContext } from '../progress';
import type { Session } from '../runtime/session';
import type { DataSet } from './data/data-set';
import { entropyBytes } from './entropy-size';
import { latencyFeeds } from './latency-feeds';
import type { Measurement } from './measurement.schema';
import { peakMemory } from './peak-memory';
import { strippedBytes } from './stripped-size';

export type Footprint = Pick<Measurement, 'entropyBytes' | 'strippedBytes' | 'peakMemoryBytes' | 'latencyReason'>;

const NO_TENSORS = 'No output of the model is a tensor of numbers, so it is not run here.';
const OPEN_SHAPES = 'The model leaves the shapes of its inputs open, and no data says what they are.';

/**
 * What a model takes beside the bytes of its file: its size as an ideal coder and without names would leave it, and its
 * memory, measured in a process of its own; or why it cannot be run.
 * @throws EdgewiseError `cancelled`, `changed`
 */
export async function footprint(
  modelPath: string,
  session: Session,
  { test, context, threads }: { test: DataSet | null; context: JobContext; threads?: number },
): Promise<Footprint> {
  const { signal } = context;
  const model = await readModel(modelPath);
  const sizes = { entropyBytes: await entropyBytes(model, signal), strippedBytes: strippedBytes(model) };
  const run = await latencyFeeds(session, test);
  if (run === null) {
    const none = session.outputs.every(({ dtype }) => dtype === null);
    return { ...sizes, peakMemoryBytes: null, latencyReason: none ? NO_TENSORS : OPEN_SHAPES };
  }
  return { ...sizes, peakMemoryBytes: await peakMemory(modelPath, { feeds: run.feeds, threads, signal }) };
}
