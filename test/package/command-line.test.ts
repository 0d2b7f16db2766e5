import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/core/evaluation/report.schema';

const checkout = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'edgewise package '));
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
const npm = (...args: string[]): string =>
  execFileSync('npm', args, {
    cwd: checkout,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });

let edgewise: string;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--minify'], { cwd: checkout, stdio: 'pipe' });
  const [packed] = JSON.parse(npm('pack', '--json', '--pack-destination', folder)) as { filename: string }[];
  if (packed === undefined) throw new Error('npm pack made nothing');
  npm('install', '--prefix', folder, '--no-save', '--prefer-offline', path.join(folder, packed.filename));
  edgewise = path.join(folder, 'node_modules/.bin', process.platform === 'win32' ? 'edgewise.cmd' : 'edgewise');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): string =>
  execFileSync(edgewise, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('the command line, installed from its package', () => {
  it('is a few files, without the extension', () => {
    const installed = path.join(folder, 'node_modules/edgewise');
    expect(existsSync(path.join(installed, 'out/cli.js'))).toBe(true);
    expect(existsSync(path.join(installed, 'out/batches.js'))).toBe(true);
    expect(existsSync(path.join(installed, 'src'))).toBe(false);
    expect(existsSync(path.join(installed, 'out/extension.js'))).toBe(false);
  });

  it('inspects, compresses and writes the report with its HTML form', () => {
    copyFileSync(path.join(checkout, 'examples/digits/digits.onnx'), path.join(folder, 'digits.onnx'));
    const data = path.join(checkout, 'examples/digits/data');
    expect(JSON.parse(run('inspect', 'digits.onnx', '--json'))).toMatchObject({ format: 'onnx' });
    const report = reportSchema.parse(
      JSON.parse(
        run(
          'compress',
          'digits.onnx',
          '--to',
          'int8',
          '--calibration',
          path.join(data, 'calibration.npz'),
          '--test',
          path.join(data, 'test.npz'),
          '--html',
          '--json',
        ),
      ),
    );
    expect(report.after.bytes).toBeLessThan(report.before.bytes / 2);
    expect(existsSync(path.join(folder, 'digits.int8.onnx'))).toBe(true);
    expect(readFileSync(path.join(folder, 'digits.int8.edgewise.html'), 'utf8')).toContain('digits.onnx');
  });
});
