import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { openSession } from '../../../src/core/runtime/session';
import type { Tensor } from '../../../src/core/runtime/tensor';

/** A folder of the suite's own, removed after it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise passes '));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The answers of ONNX Runtime, by output. */
export async function answers(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await openSession(await encodeOnnx(model), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

let files = 0;

/** What ONNX Runtime makes of a model when it loads it: operators in order, and the dtypes of its initializers. */
export async function optimized(
  model: Model,
  folder: string,
): Promise<{ operators: string[]; weights: Record<string, string> }> {
  const file = path.join(folder, `optimized-${files++}.onnx`);
  const session = await openSession(await encodeOnnx(model), { threads: 1, optimizedPath: file });
  await session.close();
  const { graph } = await readModel(file);
  return {
    operators: graph.nodes.map((node) => node.opType),
    weights: Object.fromEntries([...graph.weights].map(([name, weight]) => [name, weight.dtype])),
  };
}
