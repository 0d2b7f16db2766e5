import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelSummarySchema } from '../../src/core/analysis/summary.schema';
import { edgewise, prepare, removeWorkspace, workspace } from './command-line';

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
});
afterAll(() => removeWorkspace(folder));

describe('edgewise inspect', () => {
  it('prints what is in a model', async () => {
    const { code, stdout, stderr } = await edgewise(folder, ['inspect', 'digits.onnx']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot('golden/inspect-digits.txt');
  });

  it('prints JSON of the schema, and nothing else', async () => {
    const { code, stdout } = await edgewise(folder, ['inspect', '--json', 'digits.onnx']);
    expect(code).toBe(0);
    const summary = modelSummarySchema.parse(JSON.parse(stdout));
    const { length } = await readFile(path.join(folder, 'digits.onnx'));
    expect(summary).toMatchObject({ format: 'onnx', opset: 20, bytes: length });
    expect(summary.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(summary.parameters);
  });

  it('gives symbolic dimensions values', async () => {
    const { stdout } = await edgewise(folder, ['inspect', '--dim', 'batch=4', 'digits.onnx', '--json']);
    const { inputs } = modelSummarySchema.parse(JSON.parse(stdout));
    expect(inputs[0]?.shape).toEqual([4, 1, 28, 28]);
  });

  it('refuses a dimension that is none', async () => {
    const { code, stdout, stderr } = await edgewise(folder, ['inspect', 'digits.onnx', '--dim', 'batch']);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: "--dim is 'batch'; give a dimension and its value, as in --dim batch=1.\n",
    });
  });
});
