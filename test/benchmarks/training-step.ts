import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshProcess, peak, type Measured } from './child';
import { pythonPeer, ROUNDS, WITHOUT_PEER } from './peers';

/** Stated limits of our time over PyTorch's. */
const LIMITS: Readonly<Record<string, number>> = {
  ...{ mobilenet_small: 1, lenet5: 1.1, vit_tiny: 1.3 },
  ...{ resnet14: 2, vgg_small: 2 },
};
const BATCH = 128;
const THREADS = 2;
/** Steps a process; the shortest counts. */
const STEPS = 25;

/**
 * One training step (forward, cross-entropy, backward, plain SGD) of a batch as one graph, against PyTorch on the same
 * networks and threads: fresh processes in turn. Normalization with statistics of the batch. The networks lie in
 * `../shared`, beside the checkout.
 */
export default async function trainingStep(report: (line: string) => void): Promise<void> {
  const zoo = path.resolve('..', 'shared', 'zoo');
  if (!existsSync(zoo)) {
    report('Not run: ../shared/zoo is not here.');
    return;
  }
  const step = await freshProcess('training-step');
  const torch = pythonPeer('training_step');
  for (const network of Object.keys(LIMITS)) {
    const runs: { ours: Measured[]; peer: Measured[] } = { ours: [], peer: [] };
    for (let round = 0; round < ROUNDS; round++) {
      runs.ours.push(step(fileOf(zoo, network), String(BATCH), String(THREADS), String(STEPS)));
      if (torch !== null) runs.peer.push(torch(network, String(BATCH), String(THREADS), String(STEPS), zoo));
    }
    describe(network, runs, report);
  }
  if (torch === null) report(WITHOUT_PEER);
}

/** With its batch normalization where the network has one: what PyTorch trains. */
function fileOf(zoo: string, network: string): string {
  const normalized = path.join(zoo, network, `${network}.bn.onnx`);
  return existsSync(normalized) ? normalized : path.join(zoo, network, `${network}.onnx`);
}

function describe(
  network: string,
  { ours, peer }: { readonly ours: readonly Measured[]; readonly peer: readonly Measured[] },
  report: (line: string) => void,
): void {
  const choosing = Math.max(...ours.map(({ facts }) => facts['choosing'] ?? 0));
  report(`${network}, a step of ${BATCH}: edgewise ${line(ours)}; choosing forms ${(choosing / 1000).toFixed(1)} s`);
  if (peer.length === 0) return;
  report(`  PyTorch ${line(peer)}`);
  const ratio = (of: (run: Measured) => number): string => (least(ours, of) / least(peer, of)).toFixed(2);
  report(
    `  of PyTorch's time ${ratio(({ ms }) => ms)} (limit ${LIMITS[network] ?? 1}), processor time ${ratio(processor)}`,
  );
  report(`  of the memory of PyTorch's process ${(peak(ours) / peak(peer)).toFixed(2)} (limit 1)`);
}

const line = (runs: readonly Measured[]): string =>
  `${least(runs, ({ ms }) => ms).toFixed(1)} ms, ${least(runs, processor).toFixed(1)} ms of processors, ${peak(runs).toFixed(0)} MB (${runs.length} runs)`;
const processor = ({ facts }: Measured): number => facts['processorMs'] ?? NaN;
const least = (runs: readonly Measured[], of: (run: Measured) => number): number => Math.min(...runs.map(of));
