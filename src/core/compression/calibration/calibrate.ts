import type { DataSet } from '../../evaluation/data';
import { loadKernels } from '../../kernels';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import { openSessionOf } from '../../runtime/model-session';
import { COUNTED_BYTES, groupsThatFit, MAX_ACTIVATION_BYTES, sampleBytes, samplesThatFit } from './activation-memory';
import { runBatches } from './batches';
import { Checkpoint } from './checkpoint';
import { RANGE_METHODS, type RangeMethodName } from './methods';
import type { RangeMethod } from './methods/method';
import { PERCENTILE } from './methods/percentile';
import { Observation } from './observation';
import { observe } from './observed-graph';
import type { Counting } from './histogram';
import type { Range } from './range';
import { ValueCounter } from './value-counter';

export interface CalibrationOptions {
  /** Samples of the set to run. */
  readonly samples: number;
  readonly context: JobContext;
  /** How ranges are found; default `minmax`: on five reference networks no other was better by more than chance. */
  readonly method?: RangeMethodName;
  /** The highest code of an activation, which entropy and squared error reckon with; default 255. */
  readonly highestCode?: number;
  /** Share of all numbers that `percentile` keeps; default `PERCENTILE`. */
  readonly share?: number;
  /** Bytes of activations held at once; default `MAX_ACTIVATION_BYTES`. */
  readonly memory?: number;
  /**
   * A file that keeps what was seen so far while calibration runs: one that was cancelled or killed goes on from there,
   * with the same ranges at the end. Removed when it is done.
   */
  readonly checkpoint?: string;
}

/** ONNX Runtime's uint8. */
const HIGHEST_UINT8 = 255;

/**
 * The range of each value over the first samples of a set, in one pass. NaN in a value makes its bounds NaN. Memory
 * depends on the model and the batch, never on the number of samples: values that do not fit into it together are seen
 * in several passes.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function calibrate(
  model: Model,
  values: readonly string[],
  data: DataSet,
  options: CalibrationOptions,
): Promise<Map<string, Range>> {
  const method: RangeMethod = RANGE_METHODS[options.method ?? 'minmax'];
  const { highestCode = HIGHEST_UINT8, share = PERCENTILE } = options;
  const groups = groupsOf(model, values, method, options);
  const total = Math.min(options.samples, data.length);
  const checkpoint = await Checkpoint.open(options.checkpoint, purposeOf(model, groups, data, options), method);
  const ranges = new Map(checkpoint.kept?.ranges);
  const counting = new ValueCounter(await loadKernels());
  for (let at = checkpoint.kept?.group ?? 0; at < groups.length; at++) {
    const group = groups[at] ?? [];
    const kept = checkpoint.kept?.group === at ? checkpoint.kept : null;
    const observation = kept?.observation ?? new Observation(method, group);
    await observeGroup(model, group, data, options, {
      method,
      observation,
      counting,
      from: kept?.samples ?? 0,
      after: async (samples) => {
        const done = at * total + samples;
        options.context.progress({ stage: 'Calibrating', done, total: groups.length * total, unit: 'images' });
        await checkpoint.keep({ group: at, samples, ranges, observation });
      },
    }).catch(async (error: unknown) => {
      await checkpoint.flush();
      throw error;
    });
    for (const [value, range] of observation.ranges({ highestCode, share })) ranges.set(value, range);
  }
  await checkpoint.remove();
  return ranges;
}

interface GroupRun {
  readonly method: RangeMethod;
  readonly counting: Counting;
  readonly observation: Observation;
  /** Samples that it has seen already. */
  readonly from: number;
  /** Called after each run with the samples that were seen so far. */
  after(samples: number): Promise<void>;
}

async function observeGroup(
  model: Model,
  group: readonly string[],
  data: DataSet,
  options: CalibrationOptions,
  { method, observation, counting, from, after }: GroupRun,
): Promise<void> {
  const observed = observe(model, group, method);
  const { answerShape } = observed;
  const session = await openSessionOf(observed.model, {
    name: model.files[0]?.path ?? 'the model',
    context: options.context,
  });
  try {
    await runBatches({
      session,
      data,
      from,
      samples: options.samples,
      mostInRun: samplesThatFit(sampleBytes(model, group), bytesInRun(method, options)),
      signal: options.context.signal,
      after,
      tookAll: (outputs, count) => answerShape === null || Number(outputs[answerShape]?.data[0] ?? count) === count,
      take: (outputs, count) => {
        observation.take(observed, outputs, count, counting);
      },
    });
  } finally {
    await session.close();
  }
}

function bytesInRun({ observes }: RangeMethod, { memory = MAX_ACTIVATION_BYTES }: CalibrationOptions): number {
  return observes === 'extremes' ? memory : Math.min(memory, COUNTED_BYTES);
}

/** Whatever the ranges depend on, as text: what was kept for another purpose is of no use. */
function purposeOf(
  model: Model,
  groups: readonly (readonly string[])[],
  data: DataSet,
  { method, samples }: CalibrationOptions,
): string {
  const files = model.files.map(({ path, size, identity }) => [path, size, identity]);
  return JSON.stringify({ files, groups, method: method ?? 'minmax', samples, data: [data.source, data.length] });
}

/** Only what leaves the session whole takes memory. */
function groupsOf(
  model: Model,
  values: readonly string[],
  { observes }: RangeMethod,
  { memory = MAX_ACTIVATION_BYTES }: CalibrationOptions,
): (readonly string[])[] {
  return observes === 'extremes' ? [values] : groupsThatFit(sampleBytes(model, values), memory);
}
