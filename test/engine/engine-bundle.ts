import { buildSync } from 'esbuild';
import path from 'node:path';
import { EngineClient } from '../../src/host/engine/engine-client';
import type { EngineOptions } from '../../src/host/engine/engine-process';
import { VERSION } from '../../src/core/version';

export const checkout = path.resolve(__dirname, '../..');
export const digits = path.join(checkout, 'examples/digits');

/** Bundles the engine as the extension ships it, once a test file; beside `out`, so that it finds the runtime. */
export function bundleEngine(name: string): string {
  const outfile = path.join(checkout, `out/test/${name}.engine.cjs`);
  buildSync({
    absWorkingDir: checkout,
    entryPoints: ['src/engine/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
    logLevel: 'error',
  });
  return outfile;
}

export interface TestEngine {
  readonly client: EngineClient;
  readonly lines: string[];
}

export function clientFor(entry: string, changes: Partial<EngineOptions> = {}): TestEngine {
  const lines: string[] = [];
  const client = new EngineClient({ entry, version: VERSION, log: (line) => lines.push(line), ...changes });
  return { client, lines };
}
