import { CommanderError } from 'commander';
import { EdgewiseError, messageOf } from '../core/errors';
import { printable } from '../core/evaluation/report/text-table';
import type { CliContext } from './command';
import { flagHint } from './flag-hints';
import { EXIT, exitCodeOf } from './exit-codes';
import { cancelOnSignals } from './interrupt';
import { buildProgram } from './program';
import { createProgress } from './progress';

/** Runs one command line; the process's exit code says how it went. Errors are one sentence on standard error. */
export async function runCli(words: readonly string[]): Promise<void> {
  answerFailedStreams();
  const progress = createProgress(process.stderr);
  const say = (text: string): void => {
    progress.clear();
    process.stderr.write(`${text}\n`);
  };
  const interrupt = cancelOnSignals(say);
  const context: CliContext = {
    job: { signal: interrupt.signal, progress: (step) => progress.update(step) },
    print: (text) => {
      progress.clear();
      process.stdout.write(`${text}\n`);
    },
    say,
    onInterrupt: (answer) => interrupt.answer(answer),
  };
  try {
    process.exitCode = EXIT.done;
    await buildProgram(context).parseAsync(words, { from: 'user' });
  } catch (error) {
    progress.clear();
    process.exitCode = interrupt.exitCode() ?? report(error);
    if (interrupt.exitCode() !== null) say(cancelText(interrupt.remark()));
  } finally {
    progress.clear();
    interrupt.release();
  }
}

const cancelText = (remark: string | null): string =>
  `Cancelled. Nothing was written.${remark === null ? '' : ` ${remark}`}`;

/** Writes the sentence, and the stack where it was asked for; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const sentence = sentenceOf(error);
  // Names in it are anyone's text: none of it commands the terminal.
  process.stderr.write(`${printable(sentence)}\n`);
  if (process.env.EDGEWISE_DEBUG === '1') process.stderr.write(`${stackOf(error)}\n`);
  return exitCodeOf(error);
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof EdgewiseError)) return `Something went wrong in Edgewise: ${messageOf(error)}`;
  const hint = flagHint(error.kind);
  return hint === null ? error.message : `${error.message} ${hint}`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? ''}${cause}`;
}

/**
 * `edgewise inspect … | head` closes the pipe: that is no error. A full disk behind standard output is one; behind
 * standard error there is nobody to tell.
 */
function answerFailedStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    process.stderr.write(
      `Standard output could not be written: ${reasonOf(error)}. Send it elsewhere, then try again.\n`,
    );
    process.exit(EXIT.failed);
  });
  process.stderr.on('error', () => undefined);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOSPC' ? 'there is no space left' : messageOf(error);
}
