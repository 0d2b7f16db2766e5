import { buildSync } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

const checkout = path.resolve(__dirname, '../../../..');

export interface WorkerBundle {
  readonly file: string;
  remove(): void;
}

/** Bundles the thread that prepares batches, as it is shipped. */
export function bundleWorker(): WorkerBundle {
  mkdirSync(path.join(checkout, 'out/test'), { recursive: true });
  const folder = mkdtempSync(path.join(checkout, 'out/test/batches-'));
  const file = path.join(folder, 'batches.js');
  buildSync({
    absWorkingDir: checkout,
    entryPoints: ['src/core/training/batches/worker.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
