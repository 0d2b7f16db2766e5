import path from 'node:path';
import { EdgewiseError } from '../../errors';
import { readModel } from '../../formats';
import type { JobContext } from '../../progress';
import type { DataSection } from '../../recipe/recipe.schema';
import { openSession, type Session } from '../../runtime/session';
import { scoresOutput } from '../class-scores';
import { valuesOfSample } from '../metrics/metric';
import { runSamples } from '../run-samples';
import { isFloatTensor, toDoubles } from './conversion';
import type { DataSet } from './data-set';
import { openRolesOf } from './open-roles';
import { AnswerCollector, type AnswerFigures } from './preprocessing/answer-figures';
import { croppedSchemes } from './preprocessing/crops';
import { flagsOfCandidate, sectionOf, type Candidate } from './preprocessing/candidate';
import { labelOrders } from './preprocessing/label-orders';
import { schemesFor, type Scheme } from './preprocessing/schemes';
import { statedPreprocessing, statedScheme, type StatedPreprocessing } from './preprocessing/stated';
import { choose } from './split';
import { subset } from './subset';
import { inputTargets } from './targets';

/** Enough to tell a wrong scheme from a right one, tried with every scheme. */
const FIRST_SAMPLES = 32;
/** For the few best of them. */
const MORE_SAMPLES = 128;
const FINALISTS = 4;
/** Bytes are more than this somewhere, pictures that were scaled already are not. */
const MOST_SCALED = 2;

/** One way to prepare pictures, and what the model makes of them. */
export interface FoundScheme extends Omit<AnswerFigures, 'order'> {
  readonly title: string;
  /** The data with it: for a recipe. */
  readonly data: DataSection;
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
 * Tries the common ways to prepare pictures, and to order classes, on a few samples, which are of the selection or
 * calibration set where there is one: nothing is chosen on the test set of a job. What comes out is for the user to
 * confirm.
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
  const stated = statedPreprocessing((await readModel(model)).metadata);
  const session = await openSession(model);
  try {
    const search = new Search(session, { model, data, base, stated }, context);
    return { stated, ranked: await search.run() };
  } finally {
    await session.close();
  }
}

/** What is tried, and on what. */
interface Trial {
  readonly model: string;
  readonly data: DataSection;
  readonly base: string;
  readonly stated: StatedPreprocessing | null;
}

interface Tried {
  readonly candidate: Candidate;
  readonly figures: AnswerFigures;
}

class Search {
  private readonly scores: string;

  constructor(
    private readonly session: Session,
    private readonly trial: Trial,
    private readonly context: JobContext,
  ) {
    const found = scoresOutput(session);
    const shape = session.inputs.length === 1 ? session.inputs[0]?.shape : undefined;
    const dtype = session.inputs[0]?.dtype ?? null;
    if (!('name' in found) || shape?.length !== 4 || dtype === null || !isFloatTensor(dtype)) {
      throw new EdgewiseError(
        'unsupported',
        `"${path.basename(trial.model)}" does not sort pictures into classes, so there is no preprocessing to find by its answers. Declare data.input as it was trained.`,
        { file: trial.model },
      );
    }
    this.scores = found.name;
  }

  async run(): Promise<FoundScheme[]> {
    const stated = statedScheme(this.trial.stated);
    const common = schemesFor({ ...this.pictureFacts(), unit: await this.unit() });
    const schemes = [...(stated === null ? [] : [stated]), ...common];
    const candidates = schemes.map((scheme): Candidate => ({ scheme, labels: null, offset: 0 }));
    const first = await this.tryAll(candidates, FIRST_SAMPLES, 'Trying preprocessing');
    const finalists = first.slice(0, FINALISTS).map(withOrder);
    const again = await this.tryAll(
      [...finalists, ...(await this.cropped(finalists))],
      MORE_SAMPLES,
      'Comparing preprocessing',
    );
    return [...bySchemes(again, schemes), ...first.slice(FINALISTS)].map((tried) => this.found(tried));
  }

  /** The best so far with other crops, where pictures have other shapes than the model takes. */
  private async cropped(finalists: readonly Candidate[]): Promise<Candidate[]> {
    const { input } = this.trial.data;
    const [best] = finalists;
    if (best === undefined || input?.crop !== undefined) return [];
    return this.withSamples(sectionOf(best, this.kept()), FIRST_SAMPLES, async (set) => {
      const size = Object.values(set.inputs)[0]?.shape ?? [];
      const picture = await set.picture(0);
      return picture === null ? [] : finalists.flatMap((one) => croppedSchemes(one, size, picture));
    });
  }

  /** Each candidate with its figures, the best first. */
  private async tryAll(candidates: readonly Candidate[], samples: number, stage: string): Promise<Tried[]> {
    const tried: Tried[] = [];
    for (const [done, candidate] of candidates.entries()) {
      this.context.progress({ stage, done, total: candidates.length, unit: 'steps' });
      const figures = await this.attempt(candidate, samples);
      if (figures !== null) tried.push({ candidate, figures });
    }
    return tried.sort((one, other) => merit(other.figures) - merit(one.figures));
  }

  private found({ candidate, figures }: Tried): FoundScheme {
    const { order, ...rest } = figures;
    const ordered = withOrder({ candidate, figures: { ...figures, order } });
    return {
      title: ordered.scheme.title,
      data: sectionOf(ordered, this.trial.data),
      flags: flagsOfCandidate(ordered, this.trial.data),
      ...rest,
    };
  }

  /** Null where pictures cannot be prepared so. */
  private async attempt(candidate: Candidate, samples: number): Promise<AnswerFigures | null> {
    try {
      return await this.withSamples(sectionOf(candidate, this.kept()), samples, async (set) => {
        const collector = new AnswerCollector(labelOrders(set.classNames));
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

  /** What every candidate has: the data without their normalization, and the size and crop that metadata state. */
  private kept(): DataSection {
    const { data, stated } = this.trial;
    const { mean: _mean, deviation: _deviation, ...input } = data.input ?? {};
    const { size, crop } = stated?.input ?? {};
    return { ...data, input: { ...(size && { size }), ...(crop && { crop }), ...input } };
  }

  private pictureFacts(): { channels: number | null; openLayout: boolean } {
    const [, first, , last] = this.session.inputs[0]?.shape ?? [];
    const channels = [first, last].find((size) => size === 1 || size === 3);
    const openLayout = (first === last || typeof first === 'string') && typeof last === 'string';
    return { channels: typeof channels === 'number' ? channels : null, openLayout };
  }

  /** What turns the source's values into 0 to 1. */
  private unit(): Promise<number> {
    const kept = this.kept();
    return this.withSamples({ ...kept, input: { ...kept.input, scale: 1 } }, FIRST_SAMPLES, async (set) => {
      for (let index = 0; index < set.length; index++) {
        for (const { dtype, data } of Object.values((await set.batch([index])).inputs)) {
          if (toDoubles(dtype, data).some((value) => value > MOST_SCALED)) return 1 / 255;
        }
      }
      return 1;
    });
  }

  /** Some samples by seed, since folders hold one class after the other. */
  private async withSamples<T>(data: DataSection, samples: number, work: (set: DataSet) => Promise<T>): Promise<T> {
    const { base, model, stated } = this.trial;
    const targets = inputTargets(this.session.inputs, data.input, { model: `"${path.basename(model)}"` });
    const roles = await openRolesOf(data, base, targets, stated?.labels ?? null, {});
    try {
      const set = roles.selection ?? roles.calibration ?? roles.test;
      if (set === null) throw new EdgewiseError('usage', 'Name data to try preprocessing on: none was given.');
      return await work(subset(set, choose(set.length, samples, data.seed ?? 1)));
    } finally {
      await roles.close();
    }
  }
}

/** The candidate with the order of labels that did best under it. */
function withOrder({ candidate, figures: { order } }: Tried): Candidate {
  return { ...candidate, labels: order.labels ?? candidate.labels, offset: candidate.offset + order.offset };
}

/**
 * Of schemes under which a model is right as often, the more usual first: scores tell nothing there, since values that
 * are too large only make a model surer.
 */
function bySchemes(tried: readonly Tried[], usual: readonly Scheme[]): Tried[] {
  const place = ({ candidate }: Tried): number => {
    const at = usual.indexOf(candidate.scheme);
    return at < 0 ? usual.length : at;
  };
  return [...tried].sort((one, other) => {
    const byAccuracy = (other.figures.accuracy ?? 0) - (one.figures.accuracy ?? 0);
    return one.figures.accuracy === null ? 0 : byAccuracy || place(one) - place(other);
  });
}

/** Accuracy decides; among equals, and without labels, what answers tell. */
function merit({ accuracy, information }: AnswerFigures): number {
  return (accuracy ?? 0) * 1000 + information;
}
