/**
 * `npm test`: installs what is needed, builds, runs every test, and ends with a line "N passed, N failed" (", N skipped").
 * Arguments go to vitest: `npm test -- --project core`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { ensureInstalled } from './install.mjs';
import { ensureBrowser, HOW_TO_GET_A_BROWSER } from './browser.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = path.join(root, '.cache/test-results.json');

await ensureInstalled();
const { makeDigits } = await import('./digits.mjs');
await makeDigits(path.join(root, 'examples/digits/data'));

const browser = ensureBrowser();
if (!browser) console.error(`${HOW_TO_GET_A_BROWSER}\nTests that need one are skipped, and counted as skipped below.`);
run('scripts/build.mjs', '--tests');

mkdirSync(path.dirname(results), { recursive: true });
rmSync(results, { force: true });
const status = run(
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...process.argv.slice(2),
);
const { passed, failed, skipped } = count();
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : status;

function run(script, ...args) {
  const env = { ...process.env, ...(browser ? { EDGEWISE_BROWSER: browser } : {}) };
  const { status, error } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  if (error) throw error;
  if (status !== 0 && script.startsWith('scripts/')) process.exit(status ?? 1);
  return status ?? 1;
}

/** A file that could not even be collected counts as one failure: it is never silently absent. */
function count() {
  let report;
  try {
    report = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const uncollected = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + uncollected.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
