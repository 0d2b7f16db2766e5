import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RepairName } from '../../../src/core/recipe/recipe.schema';
import { model, smallNetwork } from '../compression/models';
import { random } from '../quantization/networks';
import { codes, inputs, numbersOf, planOf, repaired } from './repairing';

const given = model(smallNetwork(random));
const plan = planOf(['conv.weight', 'fc.weight', 'head.weight'], codes(4));
const data = inputs('x', [8, 6, 6]);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'edgewise-large-'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('TEMP', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** As if the model were too large to be run from memory. */
const LARGE = { mostInMemory: 0 };

describe('repairing models that are too large for memory', () => {
  it.each<RepairName>(['gptq', 'bias-correction'])('%s gives the same by way of files', async (name) => {
    const small = await repaired([name], given, plan, data);
    const large = await repaired([name], given, plan, data, LARGE);
    for (const weight of [...plan.keys(), 'conv.bias', 'fc.bias']) {
      expect(await numbersOf(large.model, weight)).toEqual(await numbersOf(small.model, weight));
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves no file when it is cancelled', async () => {
    const cancel = new AbortController();
    let steps = 0;
    const progress = (): void => {
      if (++steps === 2) cancel.abort();
    };
    const job = { signal: cancel.signal, progress };
    await expect(repaired(['gptq'], given, plan, data, { ...LARGE, job })).rejects.toMatchObject({ kind: 'cancelled' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
