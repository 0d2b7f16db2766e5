import { renameSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { defineSuite } from './suite';

export interface Outcome {
  title: string;
  state: 'passed' | 'failed' | 'pending';
  error?: string;
}

/** What VS Code calls in its extension host. Results go to the file that EDGEWISE_TEST_RESULTS names, at the very end. */
export async function run(): Promise<void> {
  const outcomes = await outcomesOf().catch((error: unknown) => [
    { title: 'loads', state: 'failed', error: String(error) } satisfies Outcome,
  ]);
  const file = process.env['EDGEWISE_TEST_RESULTS'];
  if (file === undefined) throw new Error('EDGEWISE_TEST_RESULTS names no file.');
  writeFileSync(`${file}.tmp`, JSON.stringify(outcomes));
  renameSync(`${file}.tmp`, file);
  const failed = outcomes.filter(({ state }) => state === 'failed');
  if (failed.length > 0) throw new Error(failed.map(({ title, error }) => `${title}: ${error ?? ''}`).join('\n'));
}

function outcomesOf(): Promise<Outcome[]> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, reporter: 'min' });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  defineSuite();
  const outcomes: Outcome[] = [];
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(outcomes));
    runner.on('pass', (test) => outcomes.push({ title: test.fullTitle(), state: 'passed' }));
    runner.on('pending', (test) => outcomes.push({ title: test.fullTitle(), state: 'pending' }));
    runner.on('fail', (test, error: Error) =>
      outcomes.push({ title: test.fullTitle(), state: 'failed', error: error.stack ?? error.message }),
    );
  });
}
