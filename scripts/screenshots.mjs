/** `npm run screenshots [-- THEME …]`: every view in a real VS Code, in dark, light and high contrast. */
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { buildAll } from './build.mjs';
import { makeDigits } from './digits.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await makeDigits(path.join(root, 'examples/digits/data'));
await buildAll();
const outfile = path.join(root, 'out/test/screenshots.cjs');
await build({
  entryPoints: [path.join(root, 'test/workbench/screenshots.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['playwright-core', 'onnxruntime-node'],
  // The scripts that are bundled in find each other by their own address.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(path.join(root, 'scripts/screenshots.mjs')).href) },
  logLevel: 'warning',
});
const { takeScreenshots } = createRequire(import.meta.url)(outfile);
const themes = process.argv.slice(2);
await takeScreenshots(path.join(root, 'test/screenshots'), themes.length > 0 ? themes : ['dark', 'light', 'contrast']);
