import { freemem } from 'node:os';
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

/** As for gzip: counting reads some 300 MB/s. */
const LARGEST_CODED_BYTES = 512 * 1000 ** 2;
/** The child's copy of a model must fit beside the session's, with room for what a runtime makes of weights. */
const ROOM_FOR_COPY = 3;

const NO_TENSORS = 'No output of the model is a tensor of numbers, so it is not run here.';
const OPEN_SHAPES = 'The model leaves the shapes of its inputs open, and no data says what they are.';

/**
 * What a model takes beside the bytes of its file: its size as an ideal coder and without names would leave it, and its
 * memory, measured in a process of its own; or why it cannot be run. Null for what a very large model would take too
 * long, or too much memory, to find out.
 * @throws EdgewiseError `cancelled`, `changed`
 */
export async function footprint(
  modelPath: string,
  session: Session,
  { test, context, threads }: { test: DataSet | null; context: JobContext; threads?: number },
): Promise<Footprint> {
  const { signal } = context;
  const model = await readModel(modelPath);
  const bytes = model.files.reduce((sum, { size }) => sum + size, 0);
  const sizes = {
    entropyBytes: bytes > LARGEST_CODED_BYTES ? null : await entropyBytes(model, signal),
    strippedBytes: strippedBytes(model),
  };
  const run = await latencyFeeds(session, test);
  if (run === null) {
    const none = session.outputs.every(({ dtype }) => dtype === null);
    return { ...sizes, peakMemoryBytes: null, latencyReason: none ? NO_TENSORS : OPEN_SHAPES };
  }
  const fits = freemem() > ROOM_FOR_COPY * bytes;
  return {
    ...sizes,
    peakMemoryBytes: fits ? await peakMemory(modelPath, { feeds: run.feeds, threads, signal }) : null,
  };
}
