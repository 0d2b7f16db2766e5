import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeLeftovers } from '../../src/core/formats/leftovers';
import { recipeSchema, type Recipe } from '../../src/core/recipe/recipe.schema';
import type { TrainRequest } from '../../src/protocol/engine';
import type { TrainingNews } from '../../src/protocol/engine-training';
import type { Steer } from '../../src/host/engine/engine-client';
import { digits } from './engine-bundle';
import { errorOf, isAlive, useEngine } from './engine-session';

const session = useEngine();

/** A few hundred of the example's samples show the same as all, and sooner. */
function recipeOf(train: object): Recipe {
  const input = { name: 'image', layout: 'NCHW', channels: 'gray', scale: 1 / 255 };
  const part = (name: string, limit: number): object => ({ path: `data/${name}.npz`, limit });
  const data = { train: part('train', 1200), calibration: part('calibration', 60), test: part('test', 200), input };
  return recipeSchema.parse({ version: 1, data, steps: [{ train: { batch: 64, ...train } }] });
}

const request = (model: string, recipe: Recipe, provider?: string): TrainRequest => ({
  ...{ model, recipe, base: digits },
  ...(provider === undefined ? {} : { provider }),
});

type Steps = Extract<TrainingNews, { kind: 'steps' }>;
const isSteps = (news: TrainingNews): news is Steps => news.kind === 'steps';

describe('a training job', () => {
  const before = process.env['XDG_CACHE_HOME'];
  let cache = '';
  beforeAll(() => {
    cache = mkdtempSync(path.join(tmpdir(), 'edgewise cache '));
    process.env['XDG_CACHE_HOME'] = cache;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
    rmSync(cache, { recursive: true, force: true });
  });

  it('tells of steps and evaluations while it trains, and writes model and report', async () => {
    const { client, model, files } = session;
    const news: TrainingNews[] = [];
    const recipe = recipeOf({ epochs: 2, evaluateEvery: 10, quantize: { weights: 'int4', activations: 'uint8' } });
    const { report, outputPath } = await client.run('train', request(model, recipe), {
      onProgress: (one) => void news.push(one),
    });
    const steps = news.filter(isSteps);
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.at(-1)?.step).toBe(report.training?.steps);
    expect(steps.at(-1)?.steps).toBe(report.training?.steps);
    const evaluations = news.filter(({ kind }) => kind === 'evaluation');
    expect(evaluations.length).toBe(report.training?.curves.selection.length);
    expect(evaluations[0]).toMatchObject({ step: 10, best: true, figure: { name: 'accuracy', lowerIsBetter: false } });
    expect(report.after.value ?? 0).toBeGreaterThan(0.8);
    expect(files()).toContain(path.basename(outputPath ?? ''));
  });

  it('is paused, goes on, and stops when it is told to, with the best weights so far', async () => {
    const { client, model } = session;
    let steer: Steer = () => Promise.resolve(false);
    let told = false;
    const answers: boolean[] = [];
    const arrived: number[] = [];
    let after: Promise<void> = Promise.resolve();
    const press = async (): Promise<void> => {
      answers.push(await steer('pauseTraining'));
      answers.push(await steer('resumeTraining'));
      answers.push(await steer('stopTraining'));
    };
    const { report } = await client.run('train', request(model, recipeOf({ epochs: 1000 })), {
      onStart: (given) => (steer = given),
      onProgress: (news) => {
        if (!isSteps(news)) return;
        arrived.push(news.step);
        if (!told) after = press();
        told = true;
      },
    });
    await after;
    expect(answers).toEqual([true, true, true]);
    expect(report.training?.ended).toBe('stopped');
    expect(report.training?.steps).toBeGreaterThanOrEqual(arrived.at(-1) ?? 0);
  });

  it.each(['running', 'paused'] as const)('that is %s is cancelled, and leaves no file', async (how) => {
    const { client, model, folder, files } = session;
    const stopping = new AbortController();
    let steer: Steer = () => Promise.resolve(false);
    let told = false;
    const run = client.run('train', request(model, recipeOf({ epochs: 1000 })), {
      signal: stopping.signal,
      onStart: (given) => (steer = given),
      onProgress: (news) => {
        if (!isSteps(news) || told) return;
        told = true;
        if (how === 'running') stopping.abort();
        else void steer('pauseTraining').then(() => stopping.abort());
      },
    });
    expect((await errorOf(run)).kind).toBe('cancelled');
    await removeLeftovers(folder);
    expect(files()).toEqual(['digits.onnx']);
  });

  it('that is killed goes on from its checkpoint the next time', async () => {
    const { client, model, folder, files } = session;
    const recipe = recipeOf({ epochs: 3, evaluateEvery: 8 });
    const killAll = (): void => {
      void client.pids().then(({ jobs }) => jobs.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')));
    };
    const first = client.run('train', request(model, recipe), {
      onProgress: (news) => {
        if (news.kind === 'saved') killAll();
      },
    });
    expect((await errorOf(first)).kind).toBe('engine');
    await removeLeftovers(folder);
    expect(files()).toEqual(['digits.onnx']);
    const news: TrainingNews[] = [];
    await client.run('train', request(model, recipe), { onProgress: (one) => void news.push(one) });
    const resumed = news.find(({ kind }) => kind === 'resumed');
    expect(resumed).toBeDefined();
    const from = resumed?.kind === 'resumed' ? resumed.step : Infinity;
    expect(from).toBeGreaterThanOrEqual(8);
    expect(news.find(isSteps)?.step).toBe(from + 1);
  });

  it('computes on the processor where a provider is not there, and says so', async () => {
    const { client, model } = session;
    const recipe = recipeOf({ epochs: 0.1 });
    const { report } = await client.run('train', request(model, recipe, 'abacus'));
    expect(report.warnings.join('\n')).toMatch(/no execution provider "abacus" on .*, so the processor was used/);
  });

  it('is not steered where nothing trains', async () => {
    const { client, model } = session;
    let steered: boolean | null = null;
    const recipe: Recipe = recipeSchema.parse({ version: 1, steps: [{ quantize: { weights: 'int8' } }] });
    await client.run('compress', request(model, recipe), {
      onStart: (steer) => void steer('pauseTraining').then((answer) => (steered = answer)),
    });
    expect(steered).toBe(false);
  });
});
