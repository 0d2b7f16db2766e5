import { existsSync } from 'node:fs';
import path from 'node:path';
import { readModel } from '../../src/core/formats';
import type { Session } from '../../src/core/runtime/session';
import { AskedForms, type AskedQuestion } from '../../src/core/training/forms';
import { formFeeds, openForm } from '../../src/core/training/forms/one-computation';
import { stepGraph, stepModel } from './entries/step-graph';

const NETWORKS = ['mobilenet_small', 'resnet14', 'vgg_small'];
const BATCH = 32;
const THREADS = 2;
/** Of each form, in turn; the shortest counts. */
const RUNS = 15;
/** The largest computations of a kind; small ones say little. */
const LARGEST = 3;

/**
 * Time of every form of a convolution's parts over the plain form's, in turn and in one process, for the largest
 * computations of networks that lie in `../shared`.
 */
export default async function trainingForms(report: (line: string) => void): Promise<void> {
  const zoo = path.resolve('..', 'shared', 'zoo');
  if (!existsSync(zoo)) {
    report('Not run: ../shared/zoo is not here.');
    return;
  }
  for (const network of NETWORKS) {
    const asked = new AskedForms();
    stepGraph(await stepModel(await readModel(path.join(zoo, network, `${network}.bn.onnx`))), BATCH, asked);
    for (const question of largestOf(asked.questions)) report(`${network}, ${await ratios(question)}`);
  }
}

const sizeOf = ({ question }: AskedQuestion): number =>
  question.inputs.reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0);

function largestOf(asked: readonly AskedQuestion[]): AskedQuestion[] {
  const kinds = [...new Set(asked.map(({ question }) => question.computation))];
  return kinds.flatMap((kind) =>
    asked
      .filter(({ question, forms }) => question.computation === kind && forms.length > 1)
      .sort((a, b) => sizeOf(b) - sizeOf(a))
      .slice(0, LARGEST),
  );
}

/** "convolution forward of [32,16,28,28] and [32,16,3,3]: blocked 16 0.41 of plain's 1.3 ms" */
async function ratios(asked: AskedQuestion): Promise<string> {
  const { question } = asked;
  const feeds = formFeeds(question);
  const sessions = await opened(asked, feeds);
  const times = new Map<string, number>();
  for (let run = 0; run < RUNS; run++)
    for (const [form, session] of sessions) {
      const begin = performance.now();
      await session.run(feeds);
      times.set(form, Math.min(times.get(form) ?? Infinity, performance.now() - begin));
    }
  for (const session of sessions.values()) await session.close();
  const plain = times.get('plain') ?? NaN;
  const inputs = question.inputs.map((shape) => `[${shape.join()}]`).join(' and ');
  const others = [...times].filter(([form]) => form !== 'plain');
  const words = others.map(([form, ms]) => `${form} ${(ms / plain).toFixed(2)}`).join(', ');
  return `${question.computation} of ${inputs}: ${words} of plain's ${plain.toFixed(1)} ms`;
}

/** Sessions by form, each run once; without those of a layout that this processor does not have. */
async function opened(
  { question, forms }: AskedQuestion,
  feeds: ReturnType<typeof formFeeds>,
): Promise<Map<string, Session>> {
  const sessions = new Map<string, Session>();
  for (const form of forms)
    try {
      const session = await openForm(question, form, THREADS);
      await session.run(feeds);
      sessions.set(form, session);
    } catch (error) {
      if (form === 'plain') throw error;
    }
  return sessions;
}
