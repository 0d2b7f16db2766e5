import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { EdgewiseError, messageOf } from '../../errors';
import { runOfScores, valuesOfSample, type JudgedBatch, type Metric, type OutputValues } from './metric';

/** Values of one sample, row-major, as a metric module gets them. */
interface SampleValues {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** What is known to be right of one sample. */
interface SampleTargets {
  /** The class; null without labels. */
  readonly label: number | null;
  /** The text; null where labels are none. */
  readonly text: string | null;
  /** `target_<output>` arrays, by output. */
  readonly outputs: Readonly<Record<string, SampleValues>>;
}

type Score = (outputs: Readonly<Record<string, SampleValues>>, targets: SampleTargets) => unknown;

const moduleSchema = z.object({
  name: z.string().min(1).max(80),
  higherIsBetter: z.boolean(),
  score: z.custom<Score>((value) => typeof value === 'function'),
});

const SHAPE = 'name (a text), higherIsBetter (true or false) and score(outputs, targets)';

/**
 * A metric of the user's own: an ES module that exports `name`, `higherIsBetter` and `score(outputs, targets)`, or an
 * object of them as default. `score` gets one sample and returns a number; the metric is the mean. It runs code of the
 * user's choice with the user's rights: only for who started it on a command line.
 * @throws EdgewiseError `not-found`, `usage` for modules that are none, and when `score` fails or gives no number
 */
export async function metricFromModule(file: string): Promise<Metric> {
  const title = `"${path.basename(file)}"`;
  const given = await importModule(file, title);
  const parsed = moduleSchema.safeParse(given);
  if (!parsed.success) throw new EdgewiseError('usage', `${title} is no metric: export ${SHAPE}.`, { file });
  const { name, higherIsBetter, score } = parsed.data;
  return {
    name,
    headline: 'custom',
    unit: 'number',
    better: higherIsBetter ? 'higher' : 'lower',
    open: ({ set }) =>
      runOfScores('mean', (batch, index) => {
        const position = batch.positions[index] ?? -1;
        const targets = {
          label: set.labels?.[position] ?? null,
          text: set.texts?.[position] ?? null,
          outputs: sampleOf(batch.targets, index),
        };
        return checkedScore(() => score(sampleOf(batch.outputs, index), targets), title, position);
      }),
  };
}

async function importModule(file: string, title: string): Promise<unknown> {
  let loaded: object;
  try {
    loaded = (await import(pathToFileURL(file).href)) as object;
  } catch (cause) {
    const gone = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    if (gone)
      throw new EdgewiseError('not-found', `${title} was not found, or imports what is not there. Check the path.`, {
        file,
        cause,
      });
    throw new EdgewiseError('usage', `${title} cannot be loaded: ${firstLine(messageOf(cause))}`, { file, cause });
  }
  return 'default' in loaded ? loaded.default : loaded;
}

function sampleOf(values: JudgedBatch['outputs'], index: number): Record<string, SampleValues> {
  const one = ([name, part]: [string, OutputValues]): [string, SampleValues] => [
    name,
    { shape: part.shape, data: valuesOfSample(part, index).slice() },
  ];
  return Object.fromEntries(Object.entries(values).map(one));
}

function checkedScore(work: () => unknown, title: string, position: number): number {
  let score: unknown;
  try {
    score = work();
  } catch (cause) {
    throw new EdgewiseError('usage', `${title} failed on sample ${position}: ${firstLine(messageOf(cause))}`, {
      cause,
    });
  }
  if (typeof score === 'number' && Number.isFinite(score)) return score;
  throw new EdgewiseError('usage', `${title} gave ${String(score)} for sample ${position}, which is no number.`);
}

function firstLine(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
