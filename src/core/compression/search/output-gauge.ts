import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import { subset } from '../../evaluation/data/subset';
import { dropInPoints } from '../../evaluation/drop';
import { judge, type Judgement as Outputs } from '../../evaluation/judge';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { Session } from '../../runtime/session';
import { openAttempt } from './attempt';
import { boundedDamage, CONFIDENCE, MOST_DAMAGE, testedOn, type Gauge, type Judgement } from './gauge';
import { noiseShare } from './noise-share';
import type { SearchRequest } from './request';
import { heldInMemory } from './held-samples';

/**
 * Judges models without class scores by the headline metric of their data's targets, or by the similarity of their
 * outputs to the original's where there are no targets. Damage is the share of the outputs' variance that encoding
 * changes.
 * @param chosen positions of the selection samples
 * @param unseen what a drop is promised for
 * @throws EdgewiseError `unsupported` where outputs can neither be compared nor judged, `runtime`, `bad-data`, `cancelled`
 */
export async function outputGauge(
  original: Session,
  chosen: Int32Array,
  request: SearchRequest,
  unseen: DataSet | null,
): Promise<Gauge> {
  const { file, job, selection } = request;
  const set = heldInMemory(subset(selection, chosen));
  const judged = (session: Session, reference: Outputs['outputs'], context: JobContext): Promise<Outputs> =>
    judge(session, {
      ...{ set, reference: null, referenceOutputs: reference, extra: [] },
      ...{ stage: `Running ${file}`, context },
    });
  // Held against its own outputs, so that it has the figure that the others have.
  const first = await judged(original, null, job);
  const quiet: JobContext = { signal: job.signal, progress: () => undefined };
  const before =
    first.judged.metric === null && first.outputs !== null ? await judged(original, first.outputs, quiet) : first;
  const { metric, headline, value } = before.judged;
  if (metric === null || value === null) throw nothingToJudge(file);
  const { outputs: reference } = first;
  const tested = testedOn(unseen, set.length);
  const answer = async (made: Model): Promise<Outputs> => {
    const session = await openAttempt(made, request);
    try {
      return await judged(session, reference, quiet);
    } finally {
      await session.close();
    }
  };
  return {
    judged: { metric, ...(headline === undefined ? {} : { headline }) },
    original: value,
    chance: 0,
    samples: set.length,
    notes: [],
    judge: async (model) => judgementOf(before, await answer(model), reference, tested),
    shift: async (model) => {
      const { damage, dropAtMost } = judgementOf(before, await answer(model), reference, tested);
      return { damage, changed: Math.min(1, reference === null ? dropAtMost / 100 : damage) };
    },
  };
}

function judgementOf(before: Outputs, after: Outputs, reference: Outputs['outputs'], tested: number): Judgement {
  const { value, interval } = after.judged;
  const drop = dropInPoints(before.judged, after.judged);
  if (value === null || drop === null || !Number.isFinite(drop)) return BROKEN;
  const dropAtMost = Math.min(MOST_DAMAGE, drop + CONFIDENCE * spread(before, after, tested));
  const noise = reference && after.outputs && noiseShare(reference, after.outputs);
  return { value, interval, dropAtMost, damage: boundedDamage(noise ?? drop / 100) };
}

/** Outputs that are no numbers. */
const BROKEN: Judgement = { value: 0, interval: null, dropAtMost: MOST_DAMAGE, damage: MOST_DAMAGE };

/** The standard error of a drop, in its points, from the figures of single samples; 0 where the metric is no mean of them. */
function spread(before: Outputs, after: Outputs, tested: number): number {
  const [own, original] = [after.scores, before.scores];
  if (own === null || own.length < 2 || own.length !== original?.length) return 0;
  const differences = own.map((figure, sample) => figure - (original[sample] ?? 0));
  const mean = differences.reduce((sum, one) => sum + one, 0) / own.length;
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (own.length - 1);
  const points = before.judged.headline?.better === 'lower' ? 100 / (before.judged.value ?? 1) : 100;
  return points * Math.sqrt(variance * (1 / own.length + 1 / tested));
}

function nothingToJudge(file: string): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `Nothing tells what encoding does to the outputs of "${file}": their size depends on the sample, and the data have no targets for them. Give data with targets, or say how weights are to be encoded, as with --to int8-weights.`,
    { file },
  );
}
