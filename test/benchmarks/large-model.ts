import { existsSync, mkdirSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeOnnx } from '../../src/core/formats/onnx/write';
import type { ByteStream, Model, Node, Weight } from '../../src/core/model/model';
import { quietContext } from '../../src/core/progress';

/** Large, and still below the 2 GiB that protobuf can read. */
const LARGE_MODEL_BYTES = 1.8e9;

/** 64 MiB a layer: the width of the matrices in language models of a few billion parameters. */
const WIDTH = 4096;
const LAYER_BYTES = WIDTH * WIDTH * 4;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Standard deviation that keeps activations at one scale through the stack. */
const DEVIATION = 1 / Math.sqrt(WIDTH);

/**
 * Writes a model of about `bytes` bytes: `MatMul` and `Relu`, 4,096 wide, with normally distributed weights from a seed;
 * in one file, or with its weights in a second one where protobuf cannot read so much. ONNX Runtime runs it. The numbers are drawn from a pool of a million, at a random place for each chunk.
 */
export async function makeLargeModel(file: string, bytes: number): Promise<void> {
  const layers = Math.max(1, Math.round(bytes / LAYER_BYTES));
  await writeOnnx(modelOf(layers), file, { context: quietContext(), overwrite: true });
}

/** Where benchmarks keep what takes long to make. */
export function benchmarkFolder(): string {
  const folder = path.join(os.tmpdir(), 'edgewise-benchmarks');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A model of that size in a folder for benchmarks, made on the first call. */
export async function largeModel(bytes = LARGE_MODEL_BYTES): Promise<string> {
  const file = path.join(benchmarkFolder(), `stack-${Math.round(bytes / 1e6)}MB.onnx`);
  if (!existsSync(file) || statSync(file).size < bytes / 2) await makeLargeModel(file, bytes);
  return file;
}

function modelOf(layers: number): Model {
  const nodes: Node[] = [];
  const weights = new Map<string, Weight>();
  const pool = normalNumbers(1_000_003);
  let value = 'features';
  for (let layer = 0; layer < layers; layer++) {
    const weight = `layers.${layer}.weight`;
    const stream = drawn(pool, layer);
    weights.set(weight, { name: weight, dtype: 'float32', shape: [WIDTH, WIDTH], data: { kind: 'stream', stream } });
    nodes.push(node('MatMul', layer, [value, weight], `layers.${layer}.product`));
    const last = layer === layers - 1;
    nodes.push(node('Relu', layer, [`layers.${layer}.product`], last ? 'answer' : `layers.${layer}.output`));
    value = `layers.${layer}.output`;
  }
  const type = { dtype: 'float32' as const, shape: ['batch', WIDTH] };
  return {
    format: 'onnx',
    formatVersion: 'IR 8',
    producer: 'edgewise benchmark',
    opsets: new Map([['', 17]]),
    metadata: new Map(),
    graph: {
      name: 'stack',
      nodes,
      inputs: [{ name: 'features', type }],
      outputs: [{ name: 'answer', type }],
      values: new Map(),
      weights,
    },
    functions: [],
    files: [],
  };
}

function node(opType: string, layer: number, inputs: readonly string[], output: string): Node {
  const name = `/layers.${layer}/${opType}`;
  return { name, opType, domain: '', inputs, outputs: [output], attributes: new Map(), metadata: new Map() };
}

/** `LAYER_BYTES` of numbers, the same ones for the same seed. */
function drawn(pool: Float32Array, seed: number): ByteStream {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const random = seeded(seed + 1);
    const chunk = new Float32Array(CHUNK_BYTES / 4);
    for (let done = 0; done < LAYER_BYTES; done += CHUNK_BYTES) {
      fillFrom(pool, Math.floor(random() * pool.length), chunk);
      yield await Promise.resolve(new Uint8Array(chunk.buffer));
    }
  }
  return { byteLength: LAYER_BYTES, chunks };
}

function fillFrom(pool: Float32Array, start: number, chunk: Float32Array): void {
  let from = start;
  for (let at = 0; at < chunk.length;) {
    const count = Math.min(pool.length - from, chunk.length - at);
    chunk.set(pool.subarray(from, from + count), at);
    at += count;
    from = 0;
  }
}

/** Box-Muller transform of uniform numbers. */
function normalNumbers(count: number): Float32Array {
  const random = seeded(20240501);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return DEVIATION * radius * Math.cos(2 * Math.PI * random());
  });
}

/** mulberry32: uniform numbers from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
