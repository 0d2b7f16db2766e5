import { existsSync } from 'node:fs';
import path from 'node:path';
import { RANGE_METHODS, type RangeMethodName } from '../../src/core/compression/calibration/methods';
import { describeRuns, freshProcess, median, peak, type Measured } from './child';
import { ROUNDS } from './peers';

/** Stated limits: times of plain inference with the observed values as outputs, and how much memory may grow. */
const LIMITS = { extremes: 1.3, histogram: 2.6 };
const GROWTH = 1.1;

const MANY = 10_000;
const FEW = 100;
const NETWORKS = ['mobilenet_small', 'resnet14'];

/**
 * Calibration of 10,000 images by every method, each value that a node makes observed, against plain inference of the
 * same images with the same values as outputs; peak memory against that for 100 images. Fresh processes in turn.
 * Networks and images lie in `../shared`, beside the checkout.
 */
export default async function calibration(report: (line: string) => void): Promise<void> {
  const shared = path.resolve('..', 'shared');
  if (!existsSync(path.join(shared, 'zoo'))) {
    report('Not run: ../shared/zoo is not here.');
    return;
  }
  const run = await freshProcess('calibrate');
  const images = path.join(shared, 'data', 'fashion-mnist');
  for (const network of NETWORKS) {
    const model = path.join(shared, 'zoo', network, `${network}.onnx`);
    compare((method, samples) => run(model, images, method, String(samples)), network, report);
  }
}

/** All threads' time on a processor, which other programs on the machine disturb less. */
const processorMs = ({ facts }: Measured): number => facts['processorMs'] ?? NaN;

function compare(
  run: (method: string, samples: number) => Measured,
  network: string,
  report: (line: string) => void,
): void {
  const names = Object.keys(RANGE_METHODS) as RangeMethodName[];
  const runs = new Map<string, Measured[]>(['plain', ...names].map((name) => [name, []]));
  const fewer = new Map<string, Measured[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, done] of runs) done.push(run(name, MANY));
    for (const [name, done] of fewer) done.push(run(name, FEW));
  }
  const plain = runs.get('plain') ?? [];
  report(describeRuns(`${network}: plain inference, ${plain[0]?.facts['values'] ?? 0} values as outputs`, plain));
  for (const name of names) {
    const done = runs.get(name) ?? [];
    const growth = (peak(done) / peak(fewer.get(name) ?? [])).toFixed(2);
    const ratio = (median(done) / median(plain)).toFixed(2);
    const processor = (median(done, processorMs) / median(plain, processorMs)).toFixed(2);
    report(describeRuns(`  ${name}`, done));
    const limit = LIMITS[RANGE_METHODS[name].observes];
    report(`    time of plain inference: ${ratio} times (limit ${limit}); processor time: ${processor} times`);
    report(`    peak memory, ${MANY} images against ${FEW}: ${growth} times (limit ${GROWTH})`);
  }
}
