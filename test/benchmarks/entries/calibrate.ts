import path from 'node:path';
import { inferShapes } from '../../../src/core/analysis/shapes';
import { summarize } from '../../../src/core/analysis/summary';
import { runBatches } from '../../../src/core/compression/calibration/batches';
import { calibrate } from '../../../src/core/compression/calibration/calibrate';
import { RANGE_METHODS, type RangeMethodName } from '../../../src/core/compression/calibration/methods';
import { openRoles, type DataSet } from '../../../src/core/evaluation/data';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { openSession } from '../../../src/core/runtime/session';
import { argument, printMeasured } from './measured';

/** Samples a run, as calibration takes them. */
const BATCH = 32;

/**
 * `MODEL FOLDER METHOD SAMPLES`: ranges of every float32 value that a node of the model makes, over images of an IDX
 * folder. METHOD `plain`: only inference of the same images, with the same values as outputs.
 */
async function main(): Promise<void> {
  const model = await readModel(argument(0));
  const images = path.join(argument(1), 'train-images-idx3-ubyte.gz');
  const samples = Number(argument(3));
  const { inputs } = summarize(model);
  const roles = await openRoles({ calibration: { path: images, limit: samples } }, '/', inputs, {
    calibrationSamples: samples,
  });
  if (roles.calibration === null) throw new Error('there are images');
  const types = inferShapes(model);
  const values = model.graph.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => types.get(name)?.dtype === 'float32');
  const method = argument(2);
  const spent = process.cpuUsage();
  const begin = performance.now();
  if (method === 'plain') await runPlainly(model, values, roles.calibration, samples);
  else await calibrate(model, values, roles.calibration, { samples, method: named(method), context: quietContext() });
  const { user, system } = process.cpuUsage(spent);
  printMeasured(performance.now() - begin, { values: values.length, processorMs: (user + system) / 1000 });
  await roles.close();
}

async function runPlainly(model: Model, values: readonly string[], data: DataSet, samples: number): Promise<void> {
  const outputs = values.map((name) => ({ name, type: { dtype: 'float32' as const, shape: null } }));
  const session = await openSession(await encodeOnnx({ ...model, graph: { ...model.graph, outputs } }));
  const { signal } = quietContext();
  const nothing = { tookAll: () => true, take: () => undefined, after: () => Promise.resolve() };
  await runBatches({ session, data, from: 0, samples, mostInRun: BATCH, signal, ...nothing });
  await session.close();
}

function named(method: string): RangeMethodName {
  const name = Object.keys(RANGE_METHODS).find((each): each is RangeMethodName => each === method);
  if (name === undefined) throw new Error(`There is no method ${method}.`);
  return name;
}

void main();
