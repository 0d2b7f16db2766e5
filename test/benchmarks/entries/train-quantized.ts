import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quietContext } from '../../../src/core/progress';
import { recipeSchema } from '../../../src/core/recipe/recipe.schema';
import { compressModel } from '../../../src/core/recipe/run';
import { argument, printMeasured } from './measured';

/**
 * `MODEL DATA WEIGHTS ACTIVATIONS RATE SEED EPOCHS THREADS`: trains a network with quantized weights and activations as
 * a user's recipe does. Accuracies on the test images (0 to 1) and bytes, before and after, of the files themselves.
 */
async function main(): Promise<void> {
  const [rate, seed, epochs, threads] = [4, 5, 6, 7].map((index) => Number(argument(index)));
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise train quantized '));
  try {
    const quantize = { weights: `int${argument(2)}`, activations: `uint${argument(3)}` };
    const settings = { epochs, threads, rate, weightDecay: 1e-4, augment: { flip: true }, seed };
    const recipe = recipeSchema.parse({
      version: 1,
      data: { train: 'train-images-idx3-ubyte.gz', test: 't10k-images-idx3-ubyte.gz' },
      steps: [{ train: { ...settings, quantize } }],
    });
    const output = path.join(folder, 'trained.onnx');
    const { report } = await compressModel({ model: argument(0), recipe, base: argument(1), output }, quietContext());
    const { before, after, training } = report;
    printMeasured(training?.trainingMs ?? NaN, {
      ...{ accuracyBefore: before.value ?? NaN, accuracy: after.value ?? NaN },
      ...{ bytesBefore: before.bytes, bytes: after.bytes, imagesPerSecond: training?.samplesPerSecond ?? NaN },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
