import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeLeftovers } from '../../src/core/formats/leftovers';
import type { Progress } from '../../src/core/progress';
import type { CompressRequest } from '../../src/protocol/engine';
import { errorOf, hashOf, isAlive, until, useEngine } from './engine-session';
import { INT8, INT8_WEIGHTS, requestFor } from './recipes';

const session = useEngine();
const noJobs = async (): Promise<boolean> => (await session.client.pids()).jobs.length === 0;

describe('a compress job', () => {
  it('writes model and report, and leaves the original as it was', async () => {
    const { client, model, folder, files } = session;
    const hash = hashOf(model);
    const steps: Progress[] = [];
    const onProgress = (step: Progress): void => void steps.push(step);
    const { report, outputPath } = await client.run('compress', requestFor(model, INT8), { onProgress });
    expect(outputPath).toBe(path.join(folder, 'digits.int8.onnx'));
    expect(files()).toEqual(['digits.int8.edgewise.json', 'digits.int8.onnx', 'digits.onnx']);
    expect(report.after.bytes).toBeLessThan(report.before.bytes / 3);
    expect(hashOf(model)).toBe(hash);
    expect(new Set(steps.map(({ stage }) => stage)).size).toBeGreaterThan(2);
    expect(await noJobs()).toBe(true);
  });

  it.each(['Measuring digits.onnx', 'Calibrating', 'Measuring digits.int8.onnx'])(
    'cancelled while %s leaves no file',
    async (stage) => {
      const { client, model, folder, files } = session;
      const hash = hashOf(model);
      const stopping = new AbortController();
      const onProgress = (step: Progress): void => {
        if (step.stage.startsWith(stage)) stopping.abort();
      };
      const call = { signal: stopping.signal, onProgress };
      const error = await errorOf(client.run('compress', requestFor(model, INT8), call));
      expect(error.kind).toBe('cancelled');
      expect(await noJobs()).toBe(true);
      await removeLeftovers(folder);
      expect(files()).toEqual(['digits.onnx']);
      expect(hashOf(model)).toBe(hash);
    },
  );

  it('cancelled before it began leaves no file', async () => {
    const { client, model, files } = session;
    const call = { signal: AbortSignal.abort() };
    const error = await errorOf(client.run('compress', requestFor(model, INT8), call));
    expect(error.kind).toBe('cancelled');
    expect(files()).toEqual(['digits.onnx']);
  });

  it('killed says so, leaves no file, and the next one works', async () => {
    const { client, model, folder, files } = session;
    const killAll = (): void => {
      void client.pids().then(({ jobs }) => jobs.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')));
    };
    const error = await errorOf(client.run('compress', requestFor(model, INT8), { onProgress: killAll }));
    expect(error.kind).toBe('engine');
    expect(error.message).toMatch(/stopped unexpectedly .*digits\.onnx \(SIGKILL\)\. Nothing was written\./);
    await removeLeftovers(folder);
    expect(files()).toEqual(['digits.onnx']);
    const { outputPath } = await client.run('compress', requestFor(model, INT8_WEIGHTS));
    expect(outputPath).toBe(path.join(folder, 'digits.int8-weights.onnx'));
  });

  it('that is killed takes nothing from statistics under way', async () => {
    const { client, model } = session;
    const job = errorOf(client.run('compress', requestFor(model, INT8)));
    await until(async () => !(await noJobs()));
    const statistics = client.inspect('statistics', { model, first: [] });
    for (const pid of (await client.pids()).jobs) process.kill(pid, 'SIGKILL');
    expect((await statistics).layers).toBe(6);
    expect((await job).kind).toBe('engine');
  });

  it('beside another of the same model gets a name of its own', async () => {
    const { client, model, folder } = session;
    const request = requestFor(model, INT8_WEIGHTS);
    const both = await Promise.all([client.run('compress', request), client.run('compress', request)]);
    const names = both.map(({ outputPath }) => path.relative(folder, outputPath ?? '')).sort();
    expect(names).toEqual(['digits.int8-weights-2.onnx', 'digits.int8-weights.onnx']);
    for (const { report, outputPath } of both) expect(report.output).toBe(path.basename(outputPath ?? ''));
  });

  it('with a request that makes no sense is answered, not crashed', async () => {
    const { client, model } = session;
    const request = requestFor(model, INT8);
    const senseless = JSON.parse(JSON.stringify({ ...request, recipe: { ...INT8, version: 7 } })) as CompressRequest;
    const error = await errorOf(client.run('compress', senseless));
    expect(error.kind).toBe('usage');
    expect(error.message).toContain('"recipe.version"');
  });
});

describe('jobs of a client that is disposed of', () => {
  it('end with it', async () => {
    const { client, model, files } = session;
    const job = errorOf(client.run('compress', requestFor(model, INT8)));
    await until(async () => !(await noJobs()));
    const { jobs } = await client.pids();
    client.dispose();
    expect((await job).kind).toBe('engine');
    expect(jobs.filter(isAlive)).toEqual([]);
    expect(files()).toContain('digits.onnx');
  });
});
