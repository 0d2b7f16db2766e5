import { readFile, rm } from 'node:fs/promises';
import * as z from 'zod';
import { writeNewFile } from '../../formats/atomic-file';
import { BINS_PER_SIDE } from './histogram';
import type { RangeMethod } from './methods/method';
import { Observation } from './observation';
import type { Range } from './range';

/** How far calibration has come. */
export interface CalibrationState {
  /** The group of values that is being observed; those before are done. */
  readonly group: number;
  /** Samples that `observation` has seen. */
  readonly samples: number;
  /** Ranges of the values of groups that are done. */
  readonly ranges: ReadonlyMap<string, Range>;
  readonly observation: Observation;
}

/** Seconds of work that a killed calibration may lose. */
const MS_BETWEEN_WRITES = 10_000;

// JSON has no NaN and no infinities, which empty ranges and broken values have.
const bound = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
const rangeSchema = z.tuple([bound, bound]);
const stateSchema = z.object({
  purpose: z.string(),
  group: z.number().int().nonnegative(),
  samples: z.number().int().nonnegative(),
  ranges: z.record(z.string(), rangeSchema),
  extremes: z.record(z.string(), rangeSchema),
  histograms: z.record(
    z.string(),
    z.object({
      range: rangeSchema,
      exponent: z.number().int().nullable(),
      /** The first bin that is given. */
      from: z.number().int().nonnegative(),
      counts: z.array(z.number().nonnegative()),
    }),
  ),
});

type KeptHistogram = z.infer<typeof stateSchema>['histograms'][string];

/** A file that keeps the state of a calibration while it runs. Without a path, nothing is kept. */
export class Checkpoint {
  private written = performance.now();
  private latest: CalibrationState | null = null;

  private constructor(
    private readonly path: string | undefined,
    private readonly purpose: string,
    /** What an earlier calibration for the same purpose left. */
    readonly kept: CalibrationState | null,
  ) {}

  /** A file that is not there, damaged, or of another purpose counts as none; it is replaced. */
  static async open(path: string | undefined, purpose: string, method: RangeMethod): Promise<Checkpoint> {
    const text = path === undefined ? null : await readFile(path, 'utf8').catch(() => null);
    return new Checkpoint(path, purpose, text === null ? null : parseState(text, purpose, method));
  }

  /** Keeps the state in memory, and in the file when the last time is a while ago. */
  async keep(state: CalibrationState): Promise<void> {
    this.latest = state;
    if (performance.now() - this.written >= MS_BETWEEN_WRITES) await this.flush();
  }

  /**
   * Writes what was kept last.
   * @throws EdgewiseError `no-space`, `permission`, `not-found` when the folder is missing.
   */
  async flush(): Promise<void> {
    if (this.path === undefined || this.latest === null) return;
    const bytes = Buffer.from(stateText(this.latest, this.purpose));
    await writeNewFile(this.path, { overwrite: true, byteLength: bytes.byteLength }, (sink) => sink.write(bytes));
    this.written = performance.now();
  }

  async remove(): Promise<void> {
    if (this.path !== undefined) await rm(this.path, { force: true });
  }
}

function stateText({ group, samples, ranges, observation }: CalibrationState, purpose: string): string {
  const histograms = [...observation.histograms].map(([value, histogram]): [string, KeptHistogram] => {
    const { from, to } = histogram.used;
    const { exponent, range } = histogram;
    return [value, { range: bounds(range), exponent, from, counts: [...histogram.counts.subarray(from, to)] }];
  });
  return JSON.stringify({
    purpose,
    group,
    samples,
    ranges: Object.fromEntries([...ranges].map(([value, range]) => [value, bounds(range)])),
    extremes: Object.fromEntries([...observation.extremes].map(([value, range]) => [value, bounds(range)])),
    histograms: Object.fromEntries(histograms),
  } satisfies z.infer<typeof stateSchema>);
}

function parseState(text: string, purpose: string, method: RangeMethod): CalibrationState | null {
  const parsed = stateSchema.safeParse(jsonOf(text));
  if (!parsed.success || parsed.data.purpose !== purpose) return null;
  const { group, samples, ranges, extremes, histograms } = parsed.data;
  const observation = new Observation(method, Object.keys(method.observes === 'extremes' ? extremes : histograms));
  for (const [value, range] of Object.entries(extremes)) observation.extremes.set(value, rangeOf(range));
  for (const [value, kept] of Object.entries(histograms)) {
    const histogram = observation.histograms.get(value);
    if (histogram === undefined || kept.from + kept.counts.length > 2 * BINS_PER_SIDE) return null;
    histogram.counts.set(kept.counts, kept.from);
    histogram.range = rangeOf(kept.range);
    histogram.exponent = kept.exponent;
  }
  const done = Object.entries(ranges).map(([value, range]): [string, Range] => [value, rangeOf(range)]);
  return { group, samples, ranges: new Map(done), observation };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type Bound = z.infer<typeof bound>;

function bounds({ min, max }: Range): [Bound, Bound] {
  return [boundOf(min), boundOf(max)];
}

function boundOf(value: number): Bound {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  return value === -Infinity ? '-Infinity' : value;
}

function rangeOf([min, max]: readonly [Bound, Bound]): Range {
  return { min: Number(min), max: Number(max) };
}
