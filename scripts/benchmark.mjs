/**
 * `npm run benchmark [-- NAME …]`: the measurements of test/benchmarks, each with its peer in the same run.
 * Peers written in Python run where EDGEWISE_PEER_PYTHON names an interpreter that has them.
 */
import { build } from 'esbuild';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, 'test/benchmarks');
const out = path.join(root, 'out/benchmarks');
/** A benchmark's file exports `default async (report) => void`; the others are what they share. */
const SHARED = new Set(['large-model', 'peers', 'child']);
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3));
const wanted = process.argv.slice(2);
const names = (wanted.length > 0 ? wanted : all).filter((name) => !SHARED.has(name));

mkdirSync(out, { recursive: true });
await buildKernels();
await build({
  entryPoints: all.map((name) => path.join(folder, `${name}.ts`)),
  outdir: out,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['onnxruntime-node', 'esbuild', 'playwright-core'],
  logLevel: 'warning',
});
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.version}`,
);
const require = createRequire(import.meta.url);
for (const name of names) {
  console.log(`\n## ${name}`);
  await require(path.join(out, `${name}.js`)).default((line) => console.log(line));
}
