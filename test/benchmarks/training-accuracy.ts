import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshProcess, seconds, type Measured } from './child';
import { pythonPeer, WITHOUT_PEER } from './peers';

const NETWORK = 'lenet5';
const SEEDS = [1, 2, 3];
/** EDGEWISE_BENCHMARK_EPOCHS asks for another number. */
const EPOCHS = Number(process.env['EDGEWISE_BENCHMARK_EPOCHS'] ?? 3);
const THREADS = 2;
/** Points by which the mean may be below PyTorch's. */
const LIMIT = 0.3;

/**
 * A network trained from random weights on the 60,000 images of Fashion-MNIST, by the same recipe here and in PyTorch:
 * AdamW, cosine, batch 128, three seeds each. Accuracy on the 10,000 test images, which choose nothing.
 */
export default async function trainingAccuracy(report: (line: string) => void): Promise<void> {
  const shared = path.resolve('..', 'shared');
  if (!existsSync(path.join(shared, 'zoo'))) {
    report('Not run: ../shared is not here.');
    return;
  }
  const ours = await freshProcess('train-from-random');
  const torch = pythonPeer('train_from_random');
  const model = path.join(shared, 'zoo', NETWORK, `${NETWORK}.onnx`);
  const data = path.join(shared, 'data', 'fashion-mnist');
  const settings = (seed: number): string[] => [String(seed), String(EPOCHS), String(THREADS)];
  const [here, there]: [Measured[], Measured[]] = [[], []];
  for (const seed of SEEDS) {
    here.push(ours(model, data, ...settings(seed)));
    if (torch !== null) there.push(torch(NETWORK, path.join(shared, 'zoo'), ...settings(seed)));
  }
  report(`${NETWORK}, ${EPOCHS} epochs from random weights: edgewise ${line(here)}`);
  if (torch === null) {
    report(WITHOUT_PEER);
    return;
  }
  report(`  PyTorch ${line(there)}`);
  report(`  ${((mean(here) - mean(there)) * 100).toFixed(2)} points beside PyTorch (limit -${LIMIT})`);
}

const mean = (runs: readonly Measured[]): number =>
  runs.reduce((sum, { facts }) => sum + (facts['accuracy'] ?? NaN), 0) / runs.length;
const line = (runs: readonly Measured[]): string =>
  `${(mean(runs) * 100).toFixed(2)} % (${runs.map(({ facts }) => ((facts['accuracy'] ?? NaN) * 100).toFixed(2)).join(', ')}), ${seconds(Math.min(...runs.map(({ ms }) => ms)))}`;
