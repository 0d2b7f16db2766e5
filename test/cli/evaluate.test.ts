import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measurementSchema } from '../../src/core/evaluation/measurement.schema';
import { edgewise, prepare, removeWorkspace, workspace } from './command-line';

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
});
afterAll(() => removeWorkspace(folder));

describe('edgewise evaluate', () => {
  it('--json prints one measurement of the schema', async () => {
    const words = ['evaluate', 'digits.onnx', '--data', 'data/test.npz:300', '--scale', '1/255', '--json'];
    const { code, stdout } = await edgewise(folder, words);
    expect(code).toBe(0);
    const measurement = measurementSchema.parse(JSON.parse(stdout));
    expect(measurement).toMatchObject({ metric: 'accuracy', samples: 300 });
    expect(measurement.value).toBeGreaterThan(0.97);
    expect(measurement.interval?.[0]).toBeLessThan(measurement.value ?? 0);
  });

  it('takes the data section of a recipe, relative to the recipe', async () => {
    const { code, stdout, stderr } = await edgewise(path.dirname(folder), [
      ...['evaluate', path.join(folder, 'digits.onnx'), '--data', path.join(folder, 'edgewise.yaml')],
    ]);
    expect(stderr).not.toMatch(/Error/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/samples +2,500\n/);
    expect(stdout).toMatch(/95 % interval +9\d\.\d to 9\d\.\d %/);
  });

  it('says so where a model only guesses', async () => {
    const words = ['evaluate', 'digits.onnx', '--data', 'data/test.npz:200', '--scale', '0', '--json'];
    const { code, stdout } = await edgewise(folder, words);
    expect(code).toBe(0);
    expect(measurementSchema.parse(JSON.parse(stdout)).reason).toMatch(/no better than guessing among 10 classes/);
  });

  it('stops compressing a model that only guesses, and says which normalization would do', async () => {
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', 'data/test.npz:200', '--scale', '0'];
    const { code, stderr } = await edgewise(folder, words);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /no better than guessing among 10 classes.* Tried: .*--scale .* is right on \d+ % of \d+ samples/,
    );
  });

  it('says what is missing', async () => {
    const { code, stdout, stderr } = await edgewise(folder, ['evaluate', 'digits.onnx']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Required option '--data <data>' not specified\..*\n$/);
  });

  it('a recipe without data says so', async () => {
    await writeFile(path.join(folder, 'empty.yaml'), 'version: 1\n');
    const { code, stderr } = await edgewise(folder, ['evaluate', 'digits.onnx', '--data', 'empty.yaml']);
    expect(code).toBe(2);
    expect(stderr).toBe('empty.yaml has no data section; add one, or name the data itself.\n');
  });
});
