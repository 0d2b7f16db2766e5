import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { entropyBytes } from '../../../src/core/evaluation/entropy-size';
import { storedTensors } from '../../../src/core/evaluation/stored-tensors';
import {
  CHUNK_MULTIPLE,
  CodeCounts,
  entropyBits,
  MOST_DISTINCT_VALUES,
  PlaneCounts,
  ValueCounts,
} from '../../../src/core/evaluation/symbol-counts';
import { formatOf, readModel } from '../../../src/core/formats';
import { quietContext } from '../../../src/core/progress';
import type { Model, Weight } from '../../../src/core/model/model';
import { hasShared, sharedPath } from '../../shared';
import { initializer, model, node, value } from '../compression/models';
import { errorOf, scratchFolder, seeded } from '../formats/scratch';

const folder = scratchFolder();
const never = new AbortController().signal;

interface Written {
  file: string;
  model: Model;
  bytes: number;
}

/** A model of one cast a weight, written to a file and read back. */
async function written(name: string, weights: Weight[]): Promise<Written> {
  const parts = {
    nodes: weights.map((weight, index) =>
      node('Cast', [weight.name], [`out${index}`], { to: { kind: 'int', value: 1 } }),
    ),
    inputs: [],
    outputs: weights.map((weight, index) => value(`out${index}`, [...weight.shape])),
    weights,
  };
  const file = folder.path(name);
  await formatOf('onnx').write(model(parts), file, { context: quietContext(), overwrite: true });
  return { file, model: await readModel(file), bytes: statSync(file).size };
}

/** A file whose tensors of these sizes are cut out, as gzip packs it, or as it is where that is less. */
function packed({ file, model: { graph } }: Written, ...sizes: number[]): number {
  const bytes = readFileSync(file);
  const ranges = [...graph.weights.values()].flatMap(({ data }) => (data.kind === 'range' ? [data] : []));
  const cut = ranges.filter(({ length }) => sizes.includes(length));
  let begin = 0;
  const rest: Buffer[] = [];
  for (const { offset, length } of cut) {
    rest.push(bytes.subarray(begin, offset));
    begin = offset + length;
  }
  const whole = Buffer.concat([...rest, bytes.subarray(begin)]);
  return Math.min(whole.length, gzipSync(whole).length);
}

const bytesWeight = (name: string, bytes: Uint8Array): Weight => ({
  ...{ name, dtype: 'uint8', shape: [bytes.length] },
  data: { kind: 'bytes', bytes },
});

describe('the entropy of counts', () => {
  it('is that of Shannon, times the number of symbols', () => {
    expect(entropyBits([8])).toBe(0);
    expect(entropyBits([4, 4])).toBe(8);
    expect(entropyBits([2, 2, 2, 2])).toBe(16);
    expect(entropyBits([1, 3])).toBeCloseTo(4 * (0.25 * 2 - 0.75 * Math.log2(0.75)), 10);
    expect(entropyBits([])).toBe(0);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('counts codes of %i bits across bytes and chunks, without the padding', (bits) => {
    const random = seeded(bits);
    const codes = Array.from({ length: 8 * CHUNK_MULTIPLE + 5 }, () => Math.floor(random() ** 2 * 2 ** bits));
    const packed = new Uint8Array(Math.ceil((codes.length * bits) / 8));
    codes.forEach((code, index) => {
      for (let bit = 0; bit < bits; bit++) {
        const at = index * bits + bit;
        packed[at >> 3] = (packed[at >> 3] ?? 0) | (((code >> bit) & 1) << (at & 7));
      }
    });
    const counts = new CodeCounts(bits, codes.length);
    for (let at = 0; at < packed.length; at += CHUNK_MULTIPLE) counts.add(packed.subarray(at, at + CHUNK_MULTIPLE));
    const expected = new Map<number, number>();
    for (const code of codes) expected.set(code, (expected.get(code) ?? 0) + 1);
    expect(counts.bytes()).toBeCloseTo(entropyBits(expected.values()) / 8, 6);
  });

  it('of values includes the values, and gives up beyond a limit', () => {
    const two = new ValueCounts(4, 1000);
    two.add(new Uint8Array(Float32Array.from({ length: 1000 }, (_, index) => (index % 2 ? 0.3 : -7)).buffer));
    expect(two.bytes()).toBe(2 * 4 + 1000 / 8);
    const words = MOST_DISTINCT_VALUES + 1;
    const many = new ValueCounts(4, words);
    many.add(new Uint8Array(Uint32Array.from({ length: words }, (_, index) => index).buffer));
    expect(many.bytes()).toBe(Infinity);
  });

  it('of planes finds what repeats in exponents', () => {
    const random = seeded(3);
    const counts = new PlaneCounts(4);
    counts.add(new Uint8Array(Float32Array.from({ length: 4096 }, () => 1 + random()).buffer));
    // Sign and exponent are always the same; 23 random bits are left, of which a plane of 4,096 shows a little less.
    expect(counts.bytes()).toBeGreaterThan((4096 * 22.5) / 8);
    expect(counts.bytes()).toBeLessThanOrEqual((4096 * 23) / 8);
  });
});

describe('the entropy of a file', () => {
  it('is that of its tensors, and the rest as gzip packs it', async () => {
    const bytes = new Uint8Array(8000).map((_, index) => index % 4);
    const one = await written('quarters.onnx', [bytesWeight('w', bytes)]);
    expect(await entropyBytes(one.model, never)).toBe(2000 + packed(one, 8000));
  });

  it('packs small tensors with the rest', async () => {
    const one = await written('small.onnx', [
      bytesWeight(
        'w',
        new Uint8Array(1024).map((_, index) => index % 7),
      ),
    ]);
    expect(await entropyBytes(one.model, never)).toBe(gzipSync(readFileSync(one.file)).length);
  });

  it('is never more than the file, whatever it holds', async () => {
    const random = seeded(9);
    const noise = await written('noise.onnx', [
      bytesWeight(
        'noise',
        new Uint8Array(70_000).map(() => random() * 256),
      ),
      initializer('few', [3], Float32Array.of(1, 2, 3)),
      initializer('empty', [0], new Float32Array(0)),
      initializer('scalar', [], Float32Array.of(NaN)),
    ]);
    const bound = await entropyBytes(noise.model, never);
    expect(bound).toBeLessThanOrEqual(noise.bytes);
    expect(bound).toBeGreaterThan(0.99 * 70_000);
  });

  it('looks at float16 and float32 by value and by byte', async () => {
    const random = seeded(4);
    const half = new Uint16Array(10_000).map(() => (random() < 0.5 ? 0x3c00 : 0xbc00));
    const floats = Float32Array.from({ length: 10_000 }, () => Math.floor(random() * 16) / 7);
    const both = await written('both.onnx', [
      initializer('half', [10_000], half, 'float16'),
      initializer('floats', [10_000], floats),
    ]);
    const bound = await entropyBytes(both.model, never);
    const rest = packed(both, 20_000, 40_000);
    expect(bound).toBeLessThan(rest + 2 * 2 + 1250 + 16 * 4 + 5000 + 2);
    expect(bound).toBeGreaterThan(rest + 2 * 2 + 1240 + 16 * 4 + 4980);
  });

  it('stops when it is cancelled', async () => {
    const one = await written('cancelled.onnx', [bytesWeight('w', new Uint8Array(5000))]);
    expect((await errorOf(entropyBytes(one.model, AbortSignal.abort()))).kind).toBe('cancelled');
  });

  it('sees every tensor once, those in subgraphs and nodes too', () => {
    const inner = initializer('inner', [1], Float32Array.of(1));
    const own = initializer('own', [1], Float32Array.of(2));
    const constant = initializer('', [1], Float32Array.of(3));
    const body = {
      ...{ name: 'body', inputs: [], outputs: [], values: new Map(), nodes: [] },
      weights: new Map([['inner', inner]]),
    };
    const nested = model({
      nodes: [
        node('Constant', [], ['c'], { value: { kind: 'tensor', value: constant } }),
        node('If', ['c'], ['y'], {
          then_branch: { kind: 'graph', value: body },
          else_branch: { kind: 'graph', value: body },
        }),
      ],
      weights: [own],
      inputs: [],
      outputs: [value('y', [1])],
    });
    expect(storedTensors(nested)).toEqual([own, constant, inner]);
  });
});

const networks = ['lenet5', 'resnet14', 'vgg_small', 'mobilenet_small', 'vit_tiny'];
describe.skipIf(!hasShared('Entropy of the zoo', 'zoo'))('networks of the zoo', () => {
  it.each(networks)('%s needs less than its file holds', async (name) => {
    const file = sharedPath('zoo', name, `${name}.onnx`);
    const bound = await entropyBytes(await readModel(file), never);
    expect(bound).toBeLessThan(statSync(file).size);
    expect(bound).toBeGreaterThan(statSync(file).size / 2);
  });
});
