import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareLatency, type Latency } from '../../src/core/evaluation/latency';
import type { DataSet } from '../../src/core/evaluation/data';
import { formatOf, readModel } from '../../src/core/formats';
import { quietContext } from '../../src/core/progress';
import { openSession } from '../../src/core/runtime/session';
import { chanceOfSoFew, fashionRoles, quantizeZoo, rightAnswers } from '../core/quantization/fashion';

const NETWORKS = ['lenet5', 'mobilenet_small', 'resnet14', 'vgg_small', 'vit_tiny'];
const TEST_IMAGES = 10_000;
/** Stated limit: no fewer right answers than the Python tool's, by a one-sided paired test at 95 %. */
const SIGNIFICANT = 0.05;
/** Samples in one run: one, as on a device, and as many as a service would take. */
const BATCHES = [1, 32];

/**
 * Static int8 per channel of the reference networks, calibrated with 500 training images, beside the file that
 * `onnxruntime.quantization.quantize_static` made with 500: accuracy on 10,000 test images, bytes, and latency against
 * the float network in alternating runs. Networks and images lie in `../shared`, beside the checkout.
 */
export default async function staticInt8(report: (line: string) => void): Promise<void> {
  const shared = path.resolve('..', 'shared');
  if (!existsSync(path.join(shared, 'zoo'))) {
    report('Not run: ../shared/zoo is not here.');
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise static int8 '));
  try {
    for (const network of NETWORKS) await one(network, shared, folder, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function one(network: string, shared: string, folder: string, report: (line: string) => void): Promise<void> {
  const zoo = (variant: string): string => path.join(shared, 'zoo', network, `${network}${variant}.onnx`);
  const files = { float: zoo(''), ours: path.join(folder, `${network}.onnx`), python: zoo('.int8-qdq') };
  const roles = await fashionRoles(files.float, path.join(shared, 'data', 'fashion-mnist'), TEST_IMAGES);
  try {
    const begin = performance.now();
    const { model } = await quantizeZoo(await readModel(files.float), roles);
    await formatOf(model.format).write(model, files.ours, { context: quietContext() });
    report(`${network}: quantized in ${((performance.now() - begin) / 1000).toFixed(2)} s`);
    const right = new Map<string, Float64Array>();
    for (const [name, file] of Object.entries(files)) {
      const answers = await rightAnswers(file, roles.test);
      right.set(name, answers);
      const accuracy = (100 * answers.reduce((sum, each) => sum + each, 0)) / answers.length;
      report(`  ${name}: ${accuracy.toFixed(2)} %, ${(statSync(file).size / 1000).toFixed(1)} KB`);
    }
    const chance = chanceOfSoFew(right.get('ours') ?? new Float64Array(), right.get('python') ?? new Float64Array());
    report(`  chance of so few right answers beside the Python tool's: ${chance.toFixed(3)} (limit ${SIGNIFICANT})`);
    for (const batch of BATCHES) {
      for (const name of ['ours', 'python'] as const) {
        const { before, after } = await latencies(files.float, files[name], roles.test, batch);
        const ratio = (after.median / before.median).toFixed(2);
        const times = `${after.median.toFixed(3)} ms against ${before.median.toFixed(3)} ms`;
        report(`  latency of ${name}, batch ${batch}: ${ratio} times float32 (${times}, ${after.threads} threads)`);
      }
    }
  } finally {
    await roles.close();
  }
}

async function latencies(
  float: string,
  int8: string,
  test: DataSet | null,
  batch: number,
): Promise<{ before: Latency; after: Latency }> {
  if (test === null) throw new Error('there are test images');
  const { inputs: feeds } = await test.batch(Array.from({ length: batch }, (_, index) => index));
  const before = await openSession(float);
  const after = await openSession(int8);
  try {
    return await compareLatency(
      { session: before, feeds, batch },
      { session: after, feeds, batch },
      {
        context: quietContext(),
      },
    );
  } finally {
    await before.close();
    await after.close();
  }
}
