import { buildSync, type BuildOptions } from 'esbuild';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

export const checkout = path.resolve(__dirname, '../..');
export const digits = path.join(checkout, 'examples/digits');

export interface EngineBundle {
  readonly entry: string;
  remove(): void;
}

/**
 * Bundles the engine as the extension ships it, and the page that it puts into exported reports. It lies in the
 * checkout, where it finds the runtime; every caller has one of its own.
 */
export function bundleEngine(): EngineBundle {
  mkdirSync(path.join(checkout, 'out/test'), { recursive: true });
  const folder = mkdtempSync(path.join(checkout, 'out/test/engine-'));
  const entry = path.join(folder, 'engine.js');
  bundle({
    entryPoints: ['src/engine/main.ts'],
    outfile: entry,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
  });
  bundle({
    entryPoints: ['webview/report/main.ts'],
    outfile: path.join(folder, 'webview/report.js'),
    target: 'chrome120',
    format: 'iife',
    tsconfig: 'webview/tsconfig.json',
    loader: { '.ttf': 'file' },
  });
  return { entry, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function bundle(options: BuildOptions): void {
  buildSync({ absWorkingDir: checkout, bundle: true, logLevel: 'error', ...options });
}
