import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { splitByRole } from '../../../src/core/evaluation/data/split';
import { quietContext } from '../../../src/core/progress';
import type { Recipe } from '../../../src/core/recipe/recipe.schema';
import type { CompressOutcome } from '../../../src/core/recipe/request';
import { compressModel } from '../../../src/core/recipe/run';
import { npz } from '../data/files';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { plantedModel, plantedSamples } from './networks';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const scratch = scratchFolder();
const SAMPLES = 3000;
const TARGET = { maxDrop: 2 };
const { inputs, labels } = plantedSamples(SAMPLES, 31);

function dataFile(name: string, given: Int32Array): string {
  scratch.write(
    name,
    npz({ x: { shape: [SAMPLES, 32], values: inputs }, labels: { shape: [SAMPLES], values: given } }),
  );
  return name;
}

/** A third of the test's labels are other classes (with more, the model would be taken for a guess); all others stay. */
function poisoned(): Int32Array {
  const changed = Int32Array.from(labels);
  const test = splitByRole(SAMPLES, 1, 512).test.filter((_, index) => index % 3 === 0);
  for (const position of test) changed[position] = ((labels[position] ?? 0) + 1) % 10;
  return changed;
}

const compress = (output: string, recipe: Partial<Recipe>): Promise<CompressOutcome> =>
  compressModel(
    {
      model: scratch.path('planted.onnx'),
      recipe: { version: 1, steps: [], ...recipe },
      base: path.dirname(scratch.path('planted.onnx')),
      output: scratch.path(output),
      force: true,
    },
    quietContext(),
  );

let outcome: CompressOutcome;

beforeAll(async () => {
  await plantedModel(scratch.path('planted.onnx'));
  dataFile('all.npz', labels);
  outcome = await compress('found.onnx', { data: { all: 'all.npz' }, target: TARGET });
});

describe('a recipe that only has a target', () => {
  it('becomes a file that meets it on the test, with a report of everything tried', () => {
    const { report, outputPath, missed } = outcome;
    expect(missed).toBeNull();
    expect(report.target).toMatchObject({ ...TARGET, met: true });
    expect(outputPath).toBe(scratch.path('found.onnx'));
    const chosen = (report.front ?? []).filter((point) => point.chosen);
    expect(chosen.map(({ bytes }) => bytes)).toEqual([report.after.bytes]);
    expect(report.front?.length).toBeGreaterThan(5);
    expect(report.warnings.join(' ')).toContain('none of them from the test');
  });

  it('says in the report what was found, which makes the same file again', async () => {
    const { steps } = outcome.report.recipe;
    expect(steps).toHaveLength(1);
    await compress('again.onnx', { data: { all: 'all.npz' }, steps });
    expect(readFileSync(scratch.path('again.onnx'))).toEqual(readFileSync(scratch.path('found.onnx')));
  });

  it('chooses nothing by the labels of the test', async () => {
    dataFile('poisoned.npz', poisoned());
    const other = await compress('poisoned.onnx', { data: { all: 'poisoned.npz' }, target: TARGET });
    expect(readFileSync(scratch.path('poisoned.onnx'))).toEqual(readFileSync(scratch.path('found.onnx')));
    expect(other.report.before.value).not.toBe(outcome.report.before.value);
  });

  it('is refused where there are no samples to choose on but those of the test', async () => {
    const error = await errorOf(compress('refused.onnx', { data: { test: 'all.npz' }, target: TARGET }));
    expect(error.kind).toBe('usage');
    expect(isSentence(error.message)).toBe(true);
  });
});
