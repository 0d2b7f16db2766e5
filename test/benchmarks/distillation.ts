import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshProcess, seconds, type Measured } from './child';

/** EDGEWISE_BENCHMARK_EPOCHS asks for another number; the reference has six. */
const EPOCHS = Number(process.env['EDGEWISE_BENCHMARK_EPOCHS'] ?? 6);
const SEEDS = [1, 2, 3];
const THREADS = 2;
/** What PyTorch reaches by the same recipe, one seed: alone, and with the teacher. */
const REFERENCE = { alone: 86.43, distilled: 87.28 };

/**
 * A LeNet of 11,986 parameters from random weights, alone and with vgg_small as its teacher (T = 4, share 0.7), on the
 * 60,000 images of Fashion-MNIST. Accuracy on the 10,000 test images, which choose nothing. The student is to gain what it
 * gains in PyTorch (`../shared/zoo/README.md`), and to end at least as high.
 */
export default async function distillation(report: (line: string) => void): Promise<void> {
  const shared = path.resolve('..', 'shared');
  if (!existsSync(path.join(shared, 'zoo'))) {
    report('Not run: ../shared is not here.');
    return;
  }
  const run = await freshProcess('distil-small');
  const teacher = path.join(shared, 'zoo', 'vgg_small', 'vgg_small.onnx');
  const data = path.join(shared, 'data', 'fashion-mnist');
  const of = (way: keyof typeof REFERENCE): Measured[] =>
    SEEDS.map((seed) => run(teacher, data, String(seed), String(EPOCHS), String(THREADS), way));
  const [alone, distilled] = [of('alone'), of('distilled')];
  report(`${EPOCHS} epochs alone: ${line(alone)} (PyTorch, six epochs, one seed: ${REFERENCE.alone} %)`);
  report(`${EPOCHS} epochs with the teacher: ${line(distilled)} (PyTorch: ${REFERENCE.distilled} %)`);
  const gain = (mean(distilled) - mean(alone)) * 100;
  report(`  gain ${gain.toFixed(2)} points (PyTorch: ${(REFERENCE.distilled - REFERENCE.alone).toFixed(2)})`);
}

const mean = (runs: readonly Measured[]): number =>
  runs.reduce((sum, { facts }) => sum + (facts['accuracy'] ?? NaN), 0) / runs.length;
const line = (runs: readonly Measured[]): string =>
  `${(mean(runs) * 100).toFixed(2)} % (${runs.map(({ facts }) => ((facts['accuracy'] ?? NaN) * 100).toFixed(2)).join(', ')}), ${seconds(Math.min(...runs.map(({ ms }) => ms)))}`;
