import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LayerStatistics } from '../../src/core/analysis/statistics.schema';
import { EdgewiseError } from '../../src/core/errors';
import { removeLeftovers } from '../../src/core/formats/leftovers';
import type { Progress } from '../../src/core/progress';
import type { Recipe } from '../../src/core/recipe/recipe.schema';
import type { EngineClient } from '../../src/host/engine/engine-client';
import { makeDigits } from '../../scripts/digits.mjs';
import { bundleEngine, checkout, clientFor, digits } from './engine-bundle';

let entry: string;
let folder: string;
let model: string;
let client: EngineClient;

const INT8: Recipe = {
  version: 1,
  data: { calibration: 'data/calibration.npz', test: 'data/test.npz' },
  steps: [
    {
      quantize: {
        weights: 'int8',
        activations: 'uint8',
        granularity: 'channel',
        keep: [],
        samples: 500,
        reduceRange: 'auto',
      },
    },
  ],
};

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const files = (): string[] => readdirSync(folder).sort();
const errorOf = async (work: Promise<unknown>): Promise<EdgewiseError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof EdgewiseError) return error;
    throw error;
  }
  throw new Error('No error came.');
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};

beforeAll(async () => {
  await makeDigits(path.join(digits, 'data'));
  entry = bundleEngine('engine-client');
});

afterAll(() => rmSync(entry, { force: true }));

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'edgewise engine '));
  model = path.join(folder, 'digits.onnx');
  copyFileSync(path.join(digits, 'digits.onnx'), model);
  client = clientFor(entry).client;
});

afterEach(() => {
  client.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('the inspection engine', () => {
  it('streams statistics of every weighted layer, those asked for first', async () => {
    const received: LayerStatistics[] = [];
    const params = { model, first: ['fc2'] };
    const { layers } = await client.inspect('statistics', params, { onProgress: (batch) => received.push(...batch) });
    expect(layers).toBe(6);
    expect(received.map(({ layer }) => layer)).toEqual(['fc2', 'conv1', 'conv2', 'conv3', 'conv4', 'fc1']);
  });

  it.runIf(process.platform === 'linux')('never loads ONNX Runtime', async () => {
    await client.inspect('statistics', { model, first: [] });
    const { inspection } = await client.pids();
    expect(readFileSync(`/proc/${inspection}/maps`, 'utf8')).not.toContain('onnxruntime');
  });

  it('answers what is wrong with a file in a sentence, and lives', async () => {
    const error = await errorOf(client.inspect('statistics', { model: path.join(folder, 'none.onnx'), first: [] }));
    expect(error.kind).toBe('not-found');
    expect(error.message).toContain('none.onnx');
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
  });

  it('reads recipes, and says the command line that does the same', async () => {
    const { recipe, base } = await client.inspect('readRecipe', { file: path.join(digits, 'edgewise.yaml') });
    expect(base).toBe(digits);
    expect(recipe.steps).toHaveLength(1);
    const { command } = await client.inspect('commandLine', { model, recipe: INT8, base: folder });
    expect(command).toBe(
      'edgewise compress digits.onnx --to int8 --calibration data/calibration.npz --test data/test.npz --samples 500',
    );
  });

  it('is started again by the next request when it was killed, and says so once', async () => {
    await client.inspect('statistics', { model, first: [] });
    const before = (await client.pids()).inspection;
    if (before === null) throw new Error('No engine runs.');
    const doomed = client.inspect('statistics', { model, first: [] });
    process.kill(before, 'SIGKILL');
    const error = await errorOf(doomed);
    expect(error.kind).toBe('engine');
    expect(error.message).toMatch(/stopped unexpectedly.*SIGKILL/);
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
    expect((await client.pids()).inspection).not.toBe(before);
  });

  it('is not started again and again when it keeps on ending', async () => {
    for (let crash = 0; crash < 5; crash++) {
      await client.inspect('statistics', { model, first: [] });
      const { inspection } = await client.pids();
      if (inspection === null) throw new Error('No engine runs.');
      process.kill(inspection, 'SIGKILL');
      await until(async () => (await client.pids()).inspection === null);
    }
    const error = await errorOf(client.inspect('statistics', { model, first: [] }));
    expect(error.message).toMatch(/stopped 5 times .* is not started again/);
  });

  it('of another version is refused', async () => {
    const other = clientFor(entry, { version: '0.0.0-other' }).client;
    const error = await errorOf(other.inspect('statistics', { model, first: [] }));
    other.dispose();
    expect(error.kind).toBe('engine');
    expect(error.message).toMatch(/of another version/);
  });
});

describe('a job', () => {
  const request = () => ({ model, recipe: { ...INT8 }, base: digits });

  it('compresses, and leaves the original as it was', async () => {
    const hash = hashOf(model);
    const steps: Progress[] = [];
    const { report, outputPath } = await client.run('compress', request(), { onProgress: (step) => steps.push(step) });
    expect(outputPath).toBe(path.join(folder, 'digits.int8.onnx'));
    expect(report.after.bytes).toBeLessThan(report.before.bytes / 3);
    expect(hashOf(model)).toBe(hash);
    expect(new Set(steps.map(({ stage }) => stage)).size).toBeGreaterThan(2);
    expect((await client.pids()).jobs).toEqual([]);
  });

  it.each(['Measuring digits.onnx', 'Calibrating', 'Measuring digits.int8.onnx'])(
    'cancelled while %s leaves no file',
    async (stage) => {
      const stopping = new AbortController();
      const onProgress = (step: Progress): void => {
        if (step.stage.startsWith(stage)) stopping.abort();
      };
      const error = await errorOf(client.run('compress', request(), { signal: stopping.signal, onProgress }));
      expect(error.kind).toBe('cancelled');
      await until(async () => (await client.pids()).jobs.length === 0);
      await removeLeftovers(folder);
      expect(files()).toEqual(['digits.onnx']);
    },
  );

  it('killed says so, leaves no file, and the next one works', async () => {
    const onProgress = (): void => {
      void client.pids().then(({ jobs }) => jobs.forEach((pid) => process.kill(pid, 'SIGKILL')));
    };
    const error = await errorOf(client.run('compress', request(), { onProgress }));
    expect(error.kind).toBe('engine');
    expect(error.message).toContain('nothing was written');
    await removeLeftovers(folder);
    expect(files()).toEqual(['digits.onnx']);
    expect((await client.run('compress', request())).outputPath).toBe(path.join(folder, 'digits.int8.onnx'));
  });

  it('ended takes nothing from statistics under way', async () => {
    const stopping = new AbortController();
    const job = errorOf(client.run('compress', request(), { signal: stopping.signal }));
    await until(async () => (await client.pids()).jobs.length === 1);
    const statistics = client.inspect('statistics', { model, first: [] });
    stopping.abort();
    expect((await job).kind).toBe('cancelled');
    expect((await statistics).layers).toBe(6);
  });

  it('beside another of the same model gets a name of its own', async () => {
    const weights: Recipe = {
      version: 1,
      steps: INT8.steps.map(({ quantize }) => ({ quantize: { ...quantize, activations: 'float32' as const } })),
    };
    const both = await Promise.allSettled([
      client.run('compress', { model, recipe: weights, base: folder }),
      client.run('compress', { model, recipe: weights, base: folder }),
    ]);
    const made = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value.outputPath] : []));
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made).size).toBe(made.length);
    for (const one of both) if (one.status === 'rejected') expect(one.reason).toMatchObject({ kind: 'exists' });
  });

  it('with a request that makes no sense is answered, not crashed', async () => {
    const senseless = { model, recipe: { ...INT8, version: 7 }, base: digits };
    const error = await errorOf(
      client.run('compress', JSON.parse(JSON.stringify(senseless)) as ReturnType<typeof request>),
    );
    expect(error.message).toMatch(/version/);
  });
});

describe('data', () => {
  it('that serve are described', async () => {
    const data = { all: 'data/test.npz', input: { scale: 1 / 255 } };
    const check = await client.run('checkData', { model, data, base: digits });
    expect(check.labelled).toBe(true);
    expect(check.accuracy).toBeGreaterThan(0.95);
    expect(check.samples.calibration + check.samples.test).toBeGreaterThan(1500);
  });

  it('that are missing are named', async () => {
    const error = await errorOf(client.run('checkData', { model, data: { all: 'nowhere.npz' }, base: folder }));
    expect(error.message).toContain('nowhere.npz');
  });
});

describe('an engine whose parent is killed', () => {
  it('ends', async () => {
    const script = path.join(folder, 'parent.cjs');
    const text = `const child = require('node:child_process').fork(${JSON.stringify(entry)}, [], { stdio: 'ignore' });
      require('node:fs').writeFileSync(${JSON.stringify(path.join(folder, 'pid'))}, String(child.pid)); setInterval(() => {}, 1000);`;
    writeFileSync(script, text);
    const parent = spawn(process.execPath, [script], { stdio: 'ignore', cwd: checkout });
    const pidFile = path.join(folder, 'pid');
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const engine = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(engine)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(engine));
  });
});
