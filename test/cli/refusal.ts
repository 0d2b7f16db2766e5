import { expect } from 'vitest';
import { ended, filesIn, start, type Run } from './command-line';

/** A command that has not ended by then hangs. */
const PATIENCE_MS = 30_000;
const PROGRESS = /^(Reading|Measuring|Writing|Calibrating)\b.*$/;

/** The command line run to its end, which it has to reach. */
export async function patiently(folder: string, words: readonly string[]): Promise<Run> {
  const child = start(folder, words);
  const alarm = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const run = await ended(child);
  clearTimeout(alarm);
  return run;
}

/** What standard error says beside progress. */
export function remarks({ stderr }: Run): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !PROGRESS.test(line));
}

/** One sentence with the file, the exit code of a failure, no stack. */
export function expectSentence(run: Run, file: string, says: RegExp = /./): void {
  const [sentence = '', ...more] = remarks(run);
  expect({ code: run.code, stdout: run.stdout, more }).toEqual({ code: 1, stdout: '', more: [] });
  expect(sentence).toContain(file);
  expect(sentence).toMatch(says);
  expect(sentence).toMatch(/^["A-Z].*\.$/);
  // Names of files are anyone's text: none of it commands the terminal.
  expect(sentence).not.toMatch(/\p{Cc}/u);
  expect(sentence).not.toMatch(/\bat .*:\d+:\d+|Error:|undefined|NaN%|\[object|!/);
}

/** Runs a command that has to be refused, and leave the folder as it was. */
export async function expectRefusal(
  folder: string,
  words: readonly string[],
  file: string,
  says?: RegExp,
): Promise<void> {
  const before = await filesIn(folder);
  expectSentence(await patiently(folder, words), file, says);
  expect(await filesIn(folder)).toEqual(before);
}
