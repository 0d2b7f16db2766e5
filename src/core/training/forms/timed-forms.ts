import { EdgewiseError } from '../../errors';
import { breathe, type JobContext, throwIfCancelled } from '../../progress';
import type { Session } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import { defaultThreads } from '../../runtime/threads';
import { formFeeds, openForm } from './one-computation';
import { type AskedQuestion, type FormChoice, type FormRecord, keyOf } from './record';

export interface FormTiming {
  /** Threads of the runtime, as training will have. Default: physical cores. */
  readonly threads?: number;
  /** Choices that were made before: they stay. */
  readonly known?: FormRecord;
  readonly context: JobContext;
}

/** Runs of each form; the shortest counts, since a machine only ever makes work slower. */
const RUNS = 5;
/** A form this many times slower than the fastest is run no more. */
const HOPELESS = 2;
/** The fastest must be this much faster than an earlier form, or chance would choose. */
const WORTH = 0.95;
/** Of one form's numbers beside another's, relative to their norm: rounding is far below, another layout far above. */
const SAME = 1e-3;

/** Times every form of every question once, alone, on its actual shapes, and says which to use. */
export async function timeForms(asked: readonly AskedQuestion[], timing: FormTiming): Promise<FormRecord> {
  const { threads = defaultThreads(), known = [], context } = timing;
  const before = new Map(known.map((choice) => [keyOf(choice), choice]));
  const record: FormChoice[] = [];
  for (const [done, each] of asked.entries()) {
    context.progress({ stage: 'Choosing forms', done, total: asked.length, unit: 'layers' });
    const { computation, setting } = each.question;
    const form = before.get(keyOf(each.question))?.form ?? (await fastestForm(each, threads, context.signal));
    record.push({ computation, setting, form });
  }
  return record;
}

interface Running {
  readonly form: string;
  readonly session: Session;
  ms: number;
}

async function fastestForm({ question, forms }: AskedQuestion, threads: number, signal: AbortSignal): Promise<string> {
  const [first] = forms;
  if (forms.length === 1) return first;
  const feeds = formFeeds(question);
  const running: Running[] = [];
  let expected: Tensor | null = null;
  try {
    for (const form of forms) {
      const started = await start({ question, form, threads, feeds, expected });
      if (started === null) continue;
      expected ??= started.answer;
      running.push(started.running);
    }
    for (let run = 0; run < RUNS; run++) {
      const fastest = Math.min(...running.map(({ ms }) => ms));
      for (const each of running)
        if (each.ms <= fastest * HOPELESS) each.ms = Math.min(each.ms, await timed(each, feeds));
      await breathe();
      throwIfCancelled(signal);
    }
  } finally {
    for (const { session } of running) await session.close();
  }
  return running.reduce((best, each) => (each.ms < best.ms * WORTH ? each : best)).form;
}

interface Start {
  readonly question: AskedQuestion['question'];
  readonly form: string;
  readonly threads: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** What the first form gave; null for the first one itself. */
  readonly expected: Tensor | null;
}

/** Null for a form that does not run on this processor, or gives other numbers there. The first one has to run. */
async function start({ question, form, threads, feeds, expected }: Start): Promise<Started | null> {
  let session: Session | null = null;
  try {
    session = await openForm(question, form, threads);
    const [answer] = Object.values(await session.run(feeds));
    if (answer === undefined) throw new EdgewiseError('internal', `The form "${form}" gives nothing.`);
    if (expected === null || isSame(answer, expected)) return { answer, running: { form, session, ms: Infinity } };
  } catch (error) {
    if (expected === null || !(error instanceof EdgewiseError) || error.kind !== 'runtime') {
      await session?.close();
      throw error;
    }
  }
  await session?.close();
  return null;
}

interface Started {
  readonly answer: Tensor;
  readonly running: Running;
}

async function timed({ session }: Running, feeds: Readonly<Record<string, Tensor>>): Promise<number> {
  const begin = performance.now();
  await session.run(feeds);
  return performance.now() - begin;
}

function isSame(answer: Tensor, expected: Tensor): boolean {
  let [difference, norm] = [0, 0];
  for (let index = 0; index < expected.data.length; index++) {
    const wanted = Number(expected.data[index]);
    difference += (Number(answer.data[index]) - wanted) ** 2;
    norm += wanted ** 2;
  }
  return answer.data.length === expected.data.length && Math.sqrt(difference) <= SAME * Math.sqrt(norm);
}
