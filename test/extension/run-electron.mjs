/**
 * The same suite in a downloaded desktop VS Code, where a download is possible: `node test/extension/run-electron.mjs
 * [VERSION]`, default the oldest version that is supported and then the newest. Where none is, `npm test` runs the suite
 * in the VS Code server of the code-server package instead.
 */
import { runTests } from '@vscode/test-electron';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = fileURLToPath(new URL('../..', import.meta.url));
const versions = process.argv[2] ? [process.argv[2]] : ['1.100.3', 'stable'];

for (const version of versions) {
  const workspace = mkdtempSync(path.join(tmpdir(), 'edgewise-workspace-'));
  cpSync(path.join(root, 'examples/digits'), workspace, { recursive: true });
  const results = path.join(workspace, 'results.json');
  await runTests({
    version,
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'out/test/extension/index.js'),
    extensionTestsEnv: { EDGEWISE_TEST_RESULTS: results },
    launchArgs: [workspace, '--disable-workspace-trust', '--disable-extensions'],
  });
  const outcome = JSON.parse(readFileSync(results, 'utf8'));
  console.log(
    `VS Code ${version}: ${outcome.filter((test) => test.state === 'passed').length} of ${outcome.length} passed`,
  );
}
