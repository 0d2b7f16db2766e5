import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeDigits } from '../../scripts/digits.mjs';
import type { Report } from '../../src/core/evaluation/report.schema';
import { quietContext } from '../../src/core/progress';
import { parseRecipe } from '../../src/core/recipe/parse';
import type { WrittenRecipe } from '../../src/core/recipe/recipe.schema';
import { compressModel } from '../../src/core/recipe/run';

const example = path.resolve(__dirname, '../../examples/digits');

/** Of the example: enough for a few steps, and for figures to differ. */
const DATA = {
  train: { path: 'data/train.npz', limit: 700 },
  test: { path: 'data/test.npz', limit: 300 },
  input: { name: 'image', scale: 1 / 255 },
};
const STEP = { batch: 50, rate: 5e-4, evaluateEvery: 4 };

export interface TrainedReports {
  /** The digits network, trained with 2 bits a weight. */
  readonly trained: Report;
  /** Half as wide a network, which learned from the digits network. */
  readonly distilled: Report;
}

/** Trains the example network for a few steps, as the engine does, and a student of it. */
export async function trainedReports(): Promise<TrainedReports> {
  await makeDigits(path.join(example, 'data'));
  const folder = await mkdtemp(path.join(tmpdir(), 'edgewise-trained-'));
  const run = async (model: string, output: string, steps: WrittenRecipe['steps']): Promise<Report> => {
    const recipe = parseRecipe(JSON.stringify({ version: 1, data: DATA, steps }), 'recipe.yaml');
    const [from, to] = [model, output].map((name) => path.join(folder, name));
    const request = { model: from ?? '', output: to ?? '', recipe, base: folder };
    return (await compressModel(request, quietContext())).report;
  };
  try {
    for (const name of ['digits.onnx', 'data'])
      await cp(path.join(example, name), path.join(folder, name), { recursive: true });
    const trained = await run('digits.onnx', 'digits.int2.onnx', [
      { train: { ...STEP, quantize: { weights: 'int2' } } },
    ]);
    await run('digits.onnx', 'student.onnx', [{ student: { width: 0.5 } }]);
    const distil = { ...STEP, epochs: 1, teacher: 'digits.onnx' };
    return { trained, distilled: await run('student.onnx', 'student.distilled.onnx', [{ distil }]) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
