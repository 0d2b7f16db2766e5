/**
 * `npm start`: on a machine with Node alone, installs, builds, and does the main job on the bundled example: quantizes
 * `digits.onnx` to int8 as its recipe says, measures before and after, writes model, report and HTML.
 */
import { requireNode } from './node-version.mjs';

requireNode();
const { spawnSync } = await import('node:child_process');
const path = await import('node:path');
const { fileURLToPath } = await import('node:url');
const { ensureInstalled } = await import('./install.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
const example = 'examples/digits';

await ensureInstalled();
const { ensureBuilt } = await import('./build-if-needed.mjs');
await ensureBuilt();
const { makeDigits } = await import('./digits.mjs');
await makeDigits(path.join(root, example, 'data'));

const words = [
  ...['compress', `${example}/digits.onnx`, '--recipe', `${example}/edgewise.yaml`],
  // The example's own results are made again each time.
  ...['--output', `${example}/digits.int8.onnx`, '--overwrite', '--html'],
];
console.error(`edgewise ${words.join(' ')}\n`);
const { status } = spawnSync(process.execPath, [path.join(root, 'out/cli.js'), ...words], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) {
  console.log(`
The report for reading: open ${example}/digits.int8.edgewise.html in a browser.

Next
  npm run workbench
      VS Code in the browser, on the same example
  npm run -s edgewise -- inspect ${example}/digits.int8.onnx
      what is in the compressed model
  npm run -s edgewise -- compress ${example}/digits.onnx --recipe ${example}/two-bits.yaml
      the same network trained to 2 bits a weight
  npm run -s edgewise -- help
      the command line
  npm test
      every test`);
}
process.exitCode = status ?? 1;
