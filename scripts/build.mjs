/** Bundles: the extension, the engine, the command line, one page each. `--watch` keeps going, `--minify` for packages. */
import { context, build } from 'esbuild';
import { existsSync } from 'node:fs';
import { buildKernels } from './build-kernels.mjs';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: minify ? false : 'linked',
  minifySyntax: minify,
  minifyWhitespace: minify,
  logLevel: 'warning',
};
const page = {
  ...node,
  platform: 'browser',
  target: 'chrome120',
  format: 'iife',
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
};

const targets = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'out/extension.js', external: ['vscode'] },
  { ...node, entryPoints: ['src/engine/main.ts'], outfile: 'out/engine.js', external: ['onnxruntime-node'] },
  {
    ...node,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'out/cli.js',
    external: ['onnxruntime-node'],
    banner: { js: '#!/usr/bin/env node' },
  },
  ...['layers', 'model', 'report'].map((name) => ({
    ...page,
    tsconfig: 'webview/tsconfig.json',
    entryPoints: [`webview/${name}/main.ts`],
    outfile: `out/webview/${name}.js`,
  })),
].filter((target) => existsSync(target.entryPoints[0]));

await buildKernels();
if (watch) for (const target of targets) await (await context(target)).watch();
else await Promise.all(targets.map((target) => build(target)));
