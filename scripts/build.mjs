/**
 * Bundles: the extension, the engine, the command line, the thread that prepares batches, one page each; with `--tests`
 * also the suite that runs inside VS Code. `--watch` keeps going, `--minify` is for packages.
 */
import { build, context } from 'esbuild';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { buildKernels } from './build-kernels.mjs';
import { thirdPartyNotices } from './notices.mjs';
import { writeRecipeSchema } from './recipe-schema.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {{ minify?: boolean, tests?: boolean, watch?: boolean }} options */
export async function buildAll({ minify = false, tests = false, watch = false } = {}) {
  await buildKernels();
  await writeRecipeSchema(root);
  const targets = [...shipped(minify), ...(tests ? [extensionSuite()] : [])];
  if (watch) {
    for (const target of targets) await (await context(target)).watch();
    return;
  }
  const results = await Promise.all(targets.map((target) => build(target)));
  mkdirSync(path.join(root, 'out'), { recursive: true });
  const metafiles = results.slice(0, shipped(minify).length).map((result) => result.metafile);
  writeFileSync(path.join(root, 'out/THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(root, metafiles));
}

function shipped(minify) {
  const node = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: minify ? false : 'linked',
    minify,
    keepNames: minify,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
  const page = {
    ...node,
    platform: 'browser',
    target: 'chrome120',
    format: 'iife',
    keepNames: false,
    tsconfig: 'webview/tsconfig.json',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  };
  return [
    { ...node, entryPoints: ['src/extension.ts'], outfile: 'out/extension.js', external: ['vscode'] },
    { ...node, entryPoints: ['src/engine/main.ts'], outfile: 'out/engine.js', external: ['onnxruntime-node'] },
    {
      ...node,
      entryPoints: ['src/cli/main.ts'],
      outfile: 'out/cli.js',
      external: ['onnxruntime-node'],
      banner: { js: '#!/usr/bin/env node' },
    },
    { ...node, entryPoints: ['src/core/training/batches/worker.ts'], outfile: 'out/batches.js' },
    ...['layers', 'model', 'report', 'data', 'training'].map((name) => ({
      ...page,
      entryPoints: [`webview/${name}/main.ts`],
      outfile: `out/webview/${name}.js`,
    })),
  ].filter((target) => existsSync(path.join(root, target.entryPoints[0])));
}

function extensionSuite() {
  return {
    absWorkingDir: root,
    entryPoints: ['test/extension/suite/index.ts'],
    outdir: 'out/test/extension',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'onnxruntime-node'],
    logLevel: 'warning',
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const has = (flag) => process.argv.includes(flag);
  await buildAll({ minify: has('--minify'), tests: has('--tests'), watch: has('--watch') });
}
