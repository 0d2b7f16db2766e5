import { EdgewiseError } from '../../errors';
import { elementsOf } from '../../model/model';
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
  /** Milliseconds after which nothing more is timed. Default: a few seconds. */
  readonly limitMs?: number;
  readonly context: JobContext;
}

/** Runs of each form; the shortest counts, since a machine only ever makes work slower. */
const RUNS = 4;
/** A form this many times slower than the fastest is run no more. */
const HOPELESS = 2;
/** The fastest must be this much faster than an earlier form, or chance would choose. */
const WORTH = 0.95;
/** Of one form's numbers beside another's, relative to their norm: rounding is far below, another layout far above. */
const SAME = 1e-3;
/** Elements that are compared: enough to tell two layouts apart, and soon done. */
const COMPARED = 2 ** 14;
/** Elements of a computation's inputs from which on its form matters: below, every form takes microseconds. */
const WORTH_TIMING = 2 ** 14;
/** Nobody waits longer than this before a training begins. */
const LIMIT_MS = 4000;

/**
 * Times forms alone, on their actual shapes, and says which to use: the largest computations first. Where time is up,
 * computations have the form that those of their kind have most often.
 */
export async function timeForms(asked: readonly AskedQuestion[], timing: FormTiming): Promise<FormRecord> {
  const { threads = defaultThreads(), known = [], limitMs = LIMIT_MS, context } = timing;
  const chosen = new Map<string, string>();
  const before = new Map(known.map((choice) => [keyOf(choice), choice.form]));
  const open: AskedQuestion[] = [];
  for (const each of asked) {
    const form = before.get(keyOf(each.question));
    if (form !== undefined && each.forms.includes(form)) chosen.set(keyOf(each.question), form);
    else if (each.forms.length === 1 || sizeOf(each) < WORTH_TIMING) chosen.set(keyOf(each.question), each.forms[0]);
    else open.push(each);
  }
  const begin = performance.now();
  const timed: FormChoice[] = [];
  for (const each of open.sort((a, b) => sizeOf(b) - sizeOf(a))) {
    throwIfCancelled(context.signal);
    context.progress({ stage: CHOOSING, done: timed.length, total: open.length, unit: 'layers' });
    const isLate = performance.now() - begin >= limitMs;
    const form = isLate ? likeliestForm(each, timed) : await fastestForm(each, threads, context.signal);
    chosen.set(keyOf(each.question), form);
    timed.push({ ...each.question, form });
  }
  return asked.map(({ question, forms: [first] }) => {
    const { computation, setting } = question;
    return { computation, setting, form: chosen.get(keyOf(question)) ?? first };
  });
}

const CHOOSING = 'Choosing the fastest form';

const sizeOf = ({ question }: AskedQuestion): number =>
  question.inputs.reduce((sum, shape) => sum + elementsOf(shape), 0);

/** The form of most computations of the same kind that offer it; the first where there are none. */
function likeliestForm({ question, forms }: AskedQuestion, timed: readonly FormChoice[]): string {
  const alike = timed.filter(({ computation }) => computation === question.computation);
  const countOf = (form: string): number => alike.filter((choice) => choice.form === form).length;
  return forms.reduce((best, form) => (countOf(form) > countOf(best) ? form : best));
}

interface Running {
  readonly form: string;
  readonly session: Session;
  ms: number;
}

async function fastestForm({ question, forms }: AskedQuestion, threads: number, signal: AbortSignal): Promise<string> {
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
  const stride = Math.max(1, Math.floor(expected.data.length / COMPARED));
  let [difference, norm] = [0, 0];
  for (let index = 0; index < expected.data.length; index += stride) {
    const wanted = Number(expected.data[index]);
    difference += (Number(answer.data[index]) - wanted) ** 2;
    norm += wanted ** 2;
  }
  return answer.data.length === expected.data.length && Math.sqrt(difference) <= SAME * Math.sqrt(norm);
}
