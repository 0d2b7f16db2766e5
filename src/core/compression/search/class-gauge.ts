import { percentText } from '../../evaluation/report/figures';
import { EdgewiseError } from '../../errors';
import type { DataSet } from '../../evaluation/data';
import type { Model } from '../../model/model';
import type { Session } from '../../runtime/session';
import { openAttempt } from './attempt';
import { cautionFor, doubtOf, type Doubt } from './doubt';
import { testedOn, type Gauge } from './gauge';
import { Judge } from './judge';
import type { SearchRequest } from './request';
import { batchOf, evenly, Samples } from './samples';
import { scoresOf, type Scores } from './scores';

/** Samples of the test that the original's doubt is measured on. */
const UNSEEN_SAMPLES = 2048;

/**
 * Judges models by their class scores: by labels, or by agreement with the original where there are none.
 * @param original runs the original
 * @param output the one with class scores
 * @param chosen positions of the selection samples
 * @param unseen samples that the original was surely not trained on; their labels are not looked at
 * @throws EdgewiseError `runtime`, `bad-data`, `cancelled`
 */
export async function classGauge(
  original: Session,
  output: string,
  chosen: Int32Array,
  request: SearchRequest,
  unseen: DataSet | null,
): Promise<Gauge> {
  const { selection, file, job } = request;
  job.progress({ stage: `Running ${file}`, done: 0, total: chosen.length, unit: 'images' });
  const { samples, scores } = await runOriginal(original, output, selection, chosen, request);
  const doubts = unseen && (await doubtsOf(original, output, scores, unseen, request));
  const caution = doubts === null ? 1 : cautionFor(doubts.here, doubts.unseen);
  const judge = new Judge(scores, samples.labels(), caution, testedOn(unseen, samples.length));
  const answer = async (made: Model): Promise<Scores> => {
    const session = await openAttempt(made, request);
    try {
      return await scoresOf(session, output, samples, job.signal);
    } finally {
      await session.close();
    }
  };
  return {
    judged: { metric: judge.metric },
    original: judge.value,
    chance: 1 / Math.max(1, scores.classes),
    samples: samples.length,
    notes: caution > 1 && doubts !== null ? [cautionSentence(caution, doubts.here, doubts.unseen)] : [],
    judge: async (model) => judge.judge(await answer(model)),
    shift: async (model) => {
      const given = await answer(model);
      return { damage: judge.damage(given), changed: judge.changed(given) };
    },
  };
}

async function doubtsOf(
  original: Session,
  output: string,
  scores: Scores,
  unseen: DataSet,
  request: SearchRequest,
): Promise<{ here: Doubt; unseen: Doubt }> {
  const chosen = evenly(unseen.length, UNSEEN_SAMPLES);
  const { scores: others } = await runOriginal(original, output, unseen, chosen, request);
  return { here: doubtOf(scores), unseen: doubtOf(others) };
}

async function runOriginal(
  session: Session,
  output: string,
  set: DataSet,
  chosen: Int32Array,
  { job }: SearchRequest,
): Promise<{ samples: Samples; scores: Scores }> {
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

function cautionSentence(caution: number, here: Doubt, unseen: Doubt): string {
  return `The network is surer of the selection samples than of the test's inputs (doubt ${percentText(here.mean)} against ${percentText(unseen.mean)}), as of samples that it was trained on, so that every drop was counted ${caution.toFixed(1)} times. Labels of the test were not looked at.`;
}
