import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshProcess, median, type Measured } from './child';
import { ROUNDS } from './peers';

const BATCH = 128;
const THREADS = 2;
const BATCHES = 400;
/** Steps of each network: some seconds of work, with a checkpoint among them. */
const STEPS: Readonly<Record<string, number>> = { lenet5: 400, mobilenet_small: 220 };
/** What live events and checkpoints may cost, in percent. */
const WATCHING_LIMIT = 3;

/**
 * Fashion-MNIST with flips: images prepared a second on the main thread and by a thread of its own; whole training steps
 * with either; and what live events with checkpoints (twice an epoch, more often than in use) cost. Fresh processes in
 * turn. Data and networks lie in `../shared`, beside the checkout.
 */
export default async function batchPreparation(report: (line: string) => void): Promise<void> {
  const shared = path.resolve('..', 'shared');
  if (!existsSync(path.join(shared, 'data/fashion-mnist'))) {
    report('Not run: ../shared/data/fashion-mnist is not here.');
    return;
  }
  const prepare = await freshProcess('batch-preparation');
  const train = await freshProcess('training-throughput');
  await bundleWorker();
  const prepared = inTurn(['main', 'thread'], (place) => prepare(shared, place, String(BATCH), String(BATCHES)));
  report(`preparing alone: main thread ${speed(prepared['main'])}, a thread of its own ${speed(prepared['thread'])}`);
  for (const [network, steps] of Object.entries(STEPS)) {
    const ways = ['main bare', 'thread bare', 'thread watched'];
    const runs = inTurn(ways, (way) =>
      train(shared, network, ...way.split(' '), String(BATCH), String(THREADS), String(steps)),
    );
    const [main, thread, watched] = ways.map((way) => figure(runs[way])) as [number, number, number];
    report(`${network}, training: prepared on the main thread ${speed(runs['main bare'])}`);
    report(`  by a thread of its own ${speed(runs['thread bare'])}, ${(thread / main).toFixed(3)} times as fast`);
    const cost = 100 * (1 - watched / thread);
    const inside = median(runs['thread watched'] ?? [], ({ ms, facts }) => (100 * (facts['watchingMs'] ?? NaN)) / ms);
    const checkpoints = median(runs['thread watched'] ?? [], ({ facts }) => facts['checkpoints'] ?? NaN);
    report(
      `  with live events and ${checkpoints} checkpoints ${speed(runs['thread watched'])}: ${(watched / thread).toFixed(3)} times as fast as the same training without, ${cost.toFixed(1)} % slower (limit ${WATCHING_LIMIT} %), ${inside.toFixed(2)} % of the time in them`,
    );
  }
}

/** The worker lies beside the entries, as it lies beside engine and command line. */
async function bundleWorker(): Promise<void> {
  await build({
    entryPoints: ['src/core/training/batches/worker.ts'],
    outfile: 'out/benchmarks/entries/batches.js',
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'cjs', logLevel: 'warning' },
  });
}

function inTurn(ways: readonly string[], run: (way: string) => Measured): Record<string, Measured[]> {
  const runs: Record<string, Measured[]> = Object.fromEntries(ways.map((way) => [way, []]));
  for (let round = 0; round < ROUNDS; round++) for (const way of ways) runs[way]?.push(run(way));
  return runs;
}

const figure = (runs: readonly Measured[] = []): number => median(runs, ({ facts }) => facts['imagesPerSecond'] ?? NaN);
const speed = (runs: readonly Measured[] = []): string =>
  `${Math.round(figure(runs)).toLocaleString('en-US')} images/s (${runs.length} runs)`;
