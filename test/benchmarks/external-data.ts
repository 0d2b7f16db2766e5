import { rm } from 'node:fs/promises';
import path from 'node:path';
import { freeSpace } from '../../src/core/formats/atomic-file';
import { describeRuns, freshProcess, peak } from './child';
import { benchmarkFolder, makeLargeModel } from './large-model';

const BYTES = 8e9;
/** Stated limit, the one of the model of 1.8 GB: chunks bound memory, not tensors and not files. */
const MEGABYTES = 400;
/** Of the model's bytes that the largest result takes (int8 with its scales), with some room. */
const LARGEST_RESULT = 0.3;
const STEPS = ['int8', 'int4'];

/**
 * Weights of a model of 8 GB, which keeps them in a second file, as int8 and as 4-bit blocks of 32: time and peak memory
 * of a process of its own. One run each: the files do not fit into every cache, and are removed afterwards.
 */
export default async function externalData(report: (line: string) => void): Promise<void> {
  const folder = benchmarkFolder();
  const needed = BYTES * (1 + LARGEST_RESULT);
  const free = await freeSpace(folder);
  if (free !== null && free < needed) {
    report(`Not run: it needs ${gigabytes(needed)} of disk, and ${gigabytes(free)} are free.`);
    return;
  }
  const encode = await freshProcess('encode-weights');
  const source = path.join(folder, 'external.onnx');
  const target = path.join(folder, 'external.encoded.onnx');
  try {
    await makeLargeModel(source, BYTES);
    for (const step of STEPS) {
      const run = encode(source, target, step);
      report(describeRuns(`${step} weights of ${gigabytes(BYTES)}`, [run]));
      report(`  ${gigabytes(run.facts['bytes'] ?? 0)}, ${run.facts['weights'] ?? 0} weights`);
      report(`  peak memory: ${peak([run]).toFixed(0)} MB (limit ${MEGABYTES})`);
      await remove(target);
    }
  } finally {
    await remove(source);
    await remove(target);
  }
}

async function remove(model: string): Promise<void> {
  for (const file of [model, `${model}.data`]) await rm(file, { force: true });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
