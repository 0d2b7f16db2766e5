import path from 'node:path';
import { EdgewiseError } from '../../errors';
import { readModel } from '../../formats';
import type { JobContext } from '../../progress';
import type { DataSection, InputSection } from '../../recipe/recipe.schema';
import { openSession, type Session } from '../../runtime/session';
import { scoresOutput } from '../class-scores';
import { valuesOfSample } from '../metrics/metric';
import { runSamples } from '../run-samples';
import { isFloatTensor, toDoubles } from './conversion';
import type { DataSet } from './data-set';
import { openRoles, type Roles } from './index';
import { flagsOfInput } from '../../recipe/input-flags';
import { AnswerCollector, type AnswerFigures } from './preprocessing/answer-figures';
import { schemesFor, type Scheme } from './preprocessing/schemes';
import { statedPreprocessing, type StatedPreprocessing } from './preprocessing/stated';
import { choose } from './split';
import { subset } from './subset';

/** Enough to tell a wrong scheme from a right one, tried with every scheme. */
const FIRST_SAMPLES = 32;
/** For the few best of them. */
const MORE_SAMPLES = 128;
const FINALISTS = 4;
/** Bytes are more than this somewhere, pictures that were scaled already are not. */
const MOST_SCALED = 2;

/** One way to prepare pictures, and what the model makes of them. */
export interface FoundScheme extends AnswerFigures {
  readonly title: string;
  /** For the recipe's `data.input`. */
  readonly input: InputSection;
  /** The same for the command line: "--scale 1/255 --mean 0.485,0.456,0.406". */
  readonly flags: string;
}

export interface PreprocessingFound {
  /** What the model's metadata say; null where they say nothing. */
  readonly stated: StatedPreprocessing | null;
  /** Tried on a few samples, the best first: by accuracy, without labels by information. */
  readonly ranked: readonly FoundScheme[];
}

/**
 * Tries the common ways to prepare pictures on a few samples, which are of the selection or calibration set where there
 * is one: nothing is chosen on the test set of a job. What comes out is for the user to confirm.
 * @param model path of the model's file
 * @param data whose `input` is what every scheme keeps (size, name)
 * @param base the folder that paths in `data` are relative to
 * @throws EdgewiseError `unsupported` for models that do not sort pictures into classes, and what opening data says
 */
export async function findPreprocessing(
  model: string,
  data: DataSection,
  base: string,
  context: JobContext,
): Promise<PreprocessingFound> {
  const { metadata } = await readModel(model);
  const session = await openSession(model);
  try {
    const search = new Search(session, model, data, base, context);
    return { stated: statedPreprocessing(metadata), ranked: await search.run() };
  } finally {
    await session.close();
  }
}

class Search {
  private readonly scores: string;

  constructor(
    private readonly session: Session,
    private readonly model: string,
    private readonly data: DataSection,
    private readonly base: string,
    private readonly context: JobContext,
  ) {
    const found = scoresOutput(session);
    const shape = session.inputs.length === 1 ? session.inputs[0]?.shape : undefined;
    const dtype = session.inputs[0]?.dtype ?? null;
    if (!('name' in found) || shape?.length !== 4 || dtype === null || !isFloatTensor(dtype)) {
      throw new EdgewiseError(
        'unsupported',
        `"${path.basename(model)}" does not sort pictures into classes, so there is no preprocessing to find by its answers. Declare data.input as it was trained.`,
        { file: model },
      );
    }
    this.scores = found.name;
  }

  async run(): Promise<FoundScheme[]> {
    const schemes = schemesFor({ ...this.pictureFacts(), unit: await this.unit() });
    const first = await this.tryAll(schemes, FIRST_SAMPLES, 'Trying preprocessing');
    const finalists = first.slice(0, FINALISTS);
    const again = await this.tryAll(
      finalists.map(({ scheme }) => scheme),
      MORE_SAMPLES,
      'Comparing preprocessing',
    );
    return [...again, ...first.slice(FINALISTS)].map(({ found }) => found);
  }

  /** Each scheme with its figures, the best first. */
  private async tryAll(
    schemes: readonly Scheme[],
    samples: number,
    stage: string,
  ): Promise<{ scheme: Scheme; found: FoundScheme }[]> {
    const tried: { scheme: Scheme; found: FoundScheme }[] = [];
    for (const [done, scheme] of schemes.entries()) {
      this.context.progress({ stage, done, total: schemes.length, unit: 'steps' });
      const figures = await this.attempt(scheme, samples);
      if (figures === null) continue;
      const input = { ...this.data.input, ...scheme.input };
      const flags = flagsOfInput(scheme.input).join(' ');
      tried.push({ scheme, found: { title: scheme.title, input, flags, ...figures } });
    }
    return tried.sort((one, other) => merit(other.found) - merit(one.found));
  }

  /** Null where pictures cannot be prepared so. */
  private async attempt(scheme: Scheme, samples: number): Promise<AnswerFigures | null> {
    const { mean: _mean, deviation: _deviation, ...kept } = this.data.input ?? {};
    try {
      return await this.withSamples({ ...kept, ...scheme.input }, samples, async (set) => {
        const collector = new AnswerCollector();
        const context = { ...this.context, progress: () => undefined };
        const { session, scores } = this;
        await runSamples({ session, set, fetch: [scores], scores, stage: '', context }, ({ outputs, positions }) => {
          const output = outputs[scores];
          if (output === undefined) return;
          for (const [index, position] of positions.entries()) {
            collector.add(valuesOfSample(output, index), set.labels?.[position] ?? null);
          }
        });
        return collector.figures();
      });
    } catch (error) {
      if (EdgewiseError.is(error, 'bad-recipe') || EdgewiseError.is(error, 'runtime')) return null;
      throw error;
    }
  }

  private pictureFacts(): { channels: number | null; openLayout: boolean } {
    const [, first, , last] = this.session.inputs[0]?.shape ?? [];
    const channels = [first, last].find((size) => size === 1 || size === 3);
    const openLayout = (first === last || typeof first === 'string') && typeof last === 'string';
    return { channels: typeof channels === 'number' ? channels : null, openLayout };
  }

  /** What turns the source's values into 0 to 1. */
  private unit(): Promise<number> {
    const { mean: _mean, deviation: _deviation, ...kept } = this.data.input ?? {};
    return this.withSamples({ ...kept, scale: 1 }, FIRST_SAMPLES, async (set) => {
      for (let index = 0; index < set.length; index++) {
        for (const { dtype, data } of Object.values((await set.batch([index])).inputs)) {
          if (toDoubles(dtype, data).some((value) => value > MOST_SCALED)) return 1 / 255;
        }
      }
      return 1;
    });
  }

  /** Some samples by seed, since folders hold one class after the other. */
  private async withSamples<T>(input: InputSection, samples: number, work: (set: DataSet) => Promise<T>): Promise<T> {
    const roles = await this.openRoles(input);
    try {
      const set = roles.selection ?? roles.calibration ?? roles.test;
      if (set === null) throw new EdgewiseError('usage', 'Name data to try preprocessing on: none was given.');
      return await work(subset(set, choose(set.length, samples, this.data.seed ?? 1)));
    } finally {
      await roles.close();
    }
  }

  private openRoles(input: InputSection): Promise<Roles> {
    const data = { ...this.data, input };
    return openRoles(data, this.base, this.session.inputs, { model: `"${path.basename(this.model)}"` });
  }
}

/** Accuracy decides; among equals, and without labels, what answers tell. */
function merit({ accuracy, information }: AnswerFigures): number {
  return (accuracy ?? 0) * 1000 + information;
}
