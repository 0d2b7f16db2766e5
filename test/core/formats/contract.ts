import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../../src/core/formats/format';
import { openWeights, weightBytes, type WeightReader } from '../../../src/core/formats/weight-reader';
import type { Model, Weight } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { comparable } from './comparable';
import { errorOf, isSentence, scratchFolder, seeded } from './scratch';

/** What a format is tried on: files that it must read. The first is also damaged in every way, so it is small. */
export interface Sample {
  readonly name: string;
  /** The model file, then the files beside it that it needs. */
  readonly files: readonly [string, ...string[]];
}

/** Promises that every format keeps, whatever its files look like. A new format is one call of this. */
export function formatContract(format: Format, samples: readonly [Sample, ...Sample[]]): void {
  const scratch = scratchFolder();

  describe.each(samples)('$name', ({ name, files: [file] }) => {
    it('reads into the neutral model', async () => {
      const model = await format.read(file);
      expect(model.format).toBe(format.id);
      expect(model.graph.nodes.length).toBeGreaterThan(0);
      expect(model.files[0]?.path).toBe(file);
    });

    it('gives the same bytes of a weight whole, by ranges and as a stream', async () => {
      const model = await format.read(file);
      await withWeights(model, async (reader) => {
        for (const weight of numericWeights(model)) {
          const whole = await reader.read(weight, 0, weightBytes(weight));
          expect(await byRanges(reader, weight)).toEqual(whole);
          expect(await collected(reader.stream(weight).chunks())).toEqual(whole);
        }
      });
    });

    it('writes what reads back as the same model', async () => {
      const model = await format.read(file);
      const copy = scratch.path(`copy of ${name}${path.extname(file)}`);
      const written = await format.write(model, copy, { context: quietContext() });
      expect(written.paths[0]).toBe(copy);
      await expectSameModel(model, await format.read(copy));
    });

    it('writes weights that are made while they are written', async () => {
      const model = await format.read(file);
      const copy = scratch.path(`streamed ${name}${path.extname(file)}`);
      await withWeights(model, (reader) => format.write(withStreams(model, reader), copy, { context: quietContext() }));
      await expectSameModel(model, await format.read(copy));
    });
  });

  const [first] = samples;
  const extension = path.extname(first.files[0]);

  it('never replaces a file unless it is told to', async () => {
    const model = await format.read(first.files[0]);
    const target = scratch.write(`taken${extension}`, 'something of the user');
    const error = await errorOf(format.write(model, target, { context: quietContext() }));
    expect(error.kind).toBe('exists');
    expect(isSentence(error.message)).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('something of the user');
    await format.write(model, target, { context: quietContext(), overwrite: true });
    await expectSameModel(model, await format.read(target));
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const model = await format.read(first.files[0]);
    const folder = scratch.path('cancelled');
    mkdirSync(folder);
    const stop = new AbortController();
    const context = { signal: stop.signal, progress: () => stop.abort() };
    const streaming = withEndlessPatience(model, () => stop.abort());
    const error = await errorOf(format.write(streaming, path.join(folder, `new${extension}`), { context }));
    expect(error.kind).toBe('cancelled');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('answers a file that was cut off, at every length', async () => {
    const bytes = readFileSync(first.files[0]);
    for (let length = 0; length < bytes.byteLength; length++) {
      await expectAnswer(format, scratch.write(`cut${extension}`, bytes.subarray(0, length)));
    }
  });

  it('answers files with random damage', async () => {
    const bytes = readFileSync(first.files[0]);
    const random = seeded(2024);
    for (let round = 0; round < 400; round++) {
      const damaged = Uint8Array.from(bytes);
      const flips = 1 + Math.floor(random() * 8);
      for (let flip = 0; flip < flips; flip++) {
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      }
      await expectAnswer(format, scratch.write(`damaged${extension}`, damaged));
    }
  });

  it('answers random bytes', async () => {
    const random = seeded(7);
    for (let round = 0; round < 50; round++) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 5000) }, () => Math.floor(random() * 256));
      await expectAnswer(format, scratch.write(`noise${extension}`, noise));
    }
  });

  it('says so when the model changes between reading and writing', async () => {
    const folder = scratch.path('changing');
    mkdirSync(folder);
    for (const file of first.files) copyFileSync(file, path.join(folder, path.basename(file)));
    const file = path.join(folder, path.basename(first.files[0]));
    const model = await format.read(file);
    copyFileSync(samples.at(-1)?.files[0] ?? file, file);
    const target = path.join(folder, `new${extension}`);
    const error = await errorOf(format.write(model, target, { context: quietContext() }));
    expect(error.kind).toBe('changed');
    expect(readdirSync(folder)).not.toContain(path.basename(target));
  });
}

/** Damage is answered with a model or with a sentence; never with anything else. */
async function expectAnswer(format: Format, file: string): Promise<void> {
  const outcome = await format.read(file).then(
    async (model) => {
      // What is read must also be readable to the last byte, or be refused with a sentence.
      await withWeights(model, async (reader) => {
        for (const weight of numericWeights(model)) {
          if (weightBytes(weight) < 1e6) await reader.read(weight, 0, weightBytes(weight)).catch(expectSentence);
        }
      });
      return null;
    },
    (error: unknown) => error,
  );
  if (outcome !== null) expectSentence(outcome);
}

async function expectSentence(thrown: unknown): Promise<void> {
  const error = await errorOf(Promise.reject(thrown));
  if (!isSentence(error.message)) throw new Error(`Not a sentence for a user: ${error.message}`);
  expect(error.kind).not.toBe('internal');
}

async function withWeights<T>(model: Model, use: (reader: WeightReader) => Promise<T>): Promise<T> {
  const reader = await openWeights(model);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

async function expectSameModel(expected: Model, actual: Model): Promise<void> {
  const before = await withWeights(expected, (reader) => comparable(expected, reader));
  const after = await withWeights(actual, (reader) => comparable(actual, reader));
  expect(after).toEqual(before);
}

function numericWeights(model: Model): Weight[] {
  return [...model.graph.weights.values()].filter((weight) => weight.dtype !== 'string');
}

async function byRanges(reader: WeightReader, weight: Weight): Promise<Uint8Array> {
  const total = weightBytes(weight);
  const whole = new Uint8Array(total);
  const random = seeded(total);
  for (let offset = 0; offset < total;) {
    const length = Math.min(total - offset, 1 + Math.floor(random() * 999));
    await reader.read(weight, offset, length, whole.subarray(offset));
    offset += length;
  }
  return whole;
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(Buffer.concat(parts));
}

function withStreams(model: Model, reader: WeightReader): Model {
  return withWeightsReplaced(model, (weight) => ({
    ...weight,
    data: { kind: 'stream', stream: reader.stream(weight) },
  }));
}

/** Weights that call back before their first byte and then say nothing more than zeros. */
function withEndlessPatience(model: Model, started: () => void): Model {
  return withWeightsReplaced(model, (weight) => {
    const byteLength = weightBytes(weight);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      started();
      yield await Promise.resolve(new Uint8Array(byteLength));
    }
    return { ...weight, data: { kind: 'stream', stream: { byteLength, chunks } } };
  });
}

function withWeightsReplaced(model: Model, replace: (weight: Weight) => Weight): Model {
  const weights = [...model.graph.weights].map(
    ([name, weight]) => [name, weight.dtype === 'string' ? weight : replace(weight)] as const,
  );
  return { ...model, graph: { ...model.graph, weights: new Map(weights) } };
}
