import { buildSync } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const checkout = path.resolve(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-home-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ONNX Runtime', () => {
  it('leaves no trace of its telemetry in the user’s home', () => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const script = path.join(checkout, 'out/test/no-telemetry.cjs');
    buildSync({
      stdin: {
        contents: `import { openSession } from './src/core/runtime/session';
          openSession(${JSON.stringify(path.join(checkout, 'examples/digits/digits.onnx'))}).then((session) => session.close());`,
        resolveDir: checkout,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['onnxruntime-node'],
      outfile: script,
    });
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
    execFileSync(process.execPath, [script], { env: { ...env, HOME: home, USERPROFILE: home } });
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });
});
