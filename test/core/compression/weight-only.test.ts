import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { summarize } from '../../../src/core/analysis/summary';
import { weightErrors } from '../../../src/core/compression/weight-error';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { onnxEncodings } from '../../../src/core/formats/onnx/store';
import { writeOnnx } from '../../../src/core/formats/onnx/write';
import { openWeights } from '../../../src/core/formats/weight-reader';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { hostile, weights } from '../kernels/hostile';
import { initializer, int, model, node, smallNetwork, value } from './models';
import { scratchFolder } from './running';
import { halveWeights, quantizeWeights } from './weight-steps';

const folder = scratchFolder();
const make = (count: number, seed: number): Float32Array => weights(count, seed);
const plan = async (from: Model, keep: string[] = [], granularity: 'channel' | 'tensor' = 'channel') =>
  quantizeWeights(from, await openWeights(from), { granularity, keep });

describe('which weights become int8', () => {
  test('those of layers that multiply; biases stay', async () => {
    expect([...(await plan(model(smallNetwork(make)))).keys()]).toEqual(['conv.weight', 'fc.weight', 'head.weight']);
  });

  test('scales differ along the outputs: filters, rows where the product transposes, columns where not', async () => {
    const tensors = await plan(model(smallNetwork(make)));
    const axes = [...tensors.values()].map((tensor) => (tensor.kind === 'affine' ? tensor.axis : undefined));
    expect(axes).toEqual([0, 0, 1]);
    const single = await plan(model(smallNetwork(make)), [], 'tensor');
    for (const tensor of single.values()) {
      if (tensor.kind !== 'affine') throw new Error(tensor.kind);
      expect([tensor.axis, (await tensor.scales()).scale.length]).toEqual([null, 1]);
    }
  });

  test('not those of layers to keep, also when another layer shares them', async () => {
    const layers = summarize(model(smallNetwork(make))).layers;
    const conv = layers.find((layer) => layer.operator === 'Conv')?.name ?? '';
    expect([...(await plan(model(smallNetwork(make)), [conv])).keys()]).toEqual(['fc.weight', 'head.weight']);
    const shared = model({
      nodes: [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'w'], ['y'])],
      weights: [initializer('w', [64, 64], make(4096, 1))],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 64])],
    });
    const [, second] = summarize(shared).layers;
    expect((await plan(shared)).size).toBe(1);
    expect((await plan(shared, [second?.name ?? ''])).size).toBe(0);
  });

  test('not those that are too small to gain by it', async () => {
    const tiny = model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      weights: [initializer('w', [4, 4], make(16, 1))],
      inputs: [value('x', ['n', 4])],
      outputs: [value('y', ['n', 4])],
    });
    expect((await plan(tiny)).size).toBe(0);
  });

  test('rows of an embedding have a scale each', async () => {
    const embedding = model({
      nodes: [node('Gather', ['table', 'x'], ['y'], { axis: int(0) })],
      weights: [initializer('table', [100, 32], make(3200, 1))],
      inputs: [value('x', ['n'], 'int64')],
      outputs: [value('y', ['n', 32])],
    });
    expect((await plan(embedding)).get('table')).toMatchObject({ kind: 'affine', axis: 0 });
  });

  test('an encoded model is left as it is: nothing is quantized twice', async () => {
    const from = model(smallNetwork(make));
    const once = onnxEncodings.store(from, await plan(from));
    expect((await plan(once)).size).toBe(0);
    expect((await halveWeights(once, await openWeights(once))).has('conv.weight_codes')).toBe(false);
  });
});

describe('a written file', () => {
  test.each([1, 8, 64, 512])('is never larger than the source: layers of %d outputs', async (outputs) => {
    for (const inner of [1, 2, 9, 64]) {
      const from = model({
        nodes: [node('MatMul', ['x', 'a.long.name.of.a.weight'], ['y'])],
        weights: [initializer('a.long.name.of.a.weight', [inner, outputs], make(inner * outputs, 1))],
        inputs: [value('x', ['n', inner])],
        outputs: [value('y', ['n', outputs])],
      });
      const before = (await encodeOnnx(from)).byteLength;
      for (const tensors of [await plan(from), await halveWeights(from, await openWeights(from))]) {
        const after = (await encodeOnnx(onnxEncodings.store(from, tensors))).byteLength;
        if (tensors.size > 0) expect(after).toBeLessThan(before);
        else expect(after).toBe(before);
      }
    }
  });

  test('holds the codes, and what was not touched is as it was', async () => {
    const source = path.join(folder, 'source ünï.onnx');
    await writeOnnx(model(smallNetwork(make)), source, { context: quietContext() });
    const before = await readModel(source);
    const reader = await openWeights(before);
    const tensors = await quantizeWeights(before, reader, { granularity: 'channel' });
    const target = path.join(folder, 'target.onnx');
    await writeOnnx(onnxEncodings.store(before, tensors), target, { context: quietContext() });
    await reader.close();
    const after = await readModel(target);
    expect((await stat(target)).size).toBeLessThan((await stat(source)).size / 3);
    const again = await openWeights(after);
    for (const name of ['conv.bias', 'fc.bias']) {
      const [old, kept] = [before.graph.weights.get(name), after.graph.weights.get(name)];
      if (old === undefined || kept === undefined) throw new Error(name);
      const whole = await openWeights(before);
      const length = old.shape.reduce((a, b) => a * b, 4);
      expect(await again.read(kept, 0, length)).toEqual(await whole.read(old, 0, length));
      await whole.close();
    }
    await again.close();
    expect(await readFile(source)).toEqual(Buffer.from(await encodeOnnx(before)));
  });
});

describe('float16', () => {
  test('takes weights and long biases, and leaves running statistics', async () => {
    const from = model({
      nodes: [node('BatchNormalization', ['x', 's', 'b', 'mean', 'var'], ['y'])],
      weights: ['s', 'b', 'mean', 'var'].map((name, i) => initializer(name, [1024], make(1024, i))),
      inputs: [value('x', ['n', 1024])],
      outputs: [value('y', ['n', 1024])],
    });
    expect([...(await halveWeights(from, await openWeights(from))).keys()]).toEqual(['s', 'b']);
  });

  test('warns of values that it cannot hold, by name and number', async () => {
    const big = make(4096, 1);
    big[5] = 1e6;
    big[6] = -70_000;
    const from = model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      weights: [initializer('w', [64, 64], big)],
      inputs: [value('x', ['n', 64])],
      outputs: [value('y', ['n', 64])],
    });
    const warnings: string[] = [];
    const tensors = await halveWeights(from, await openWeights(from), { warn: (line) => warnings.push(line) });
    await encodeOnnx(onnxEncodings.store(from, tensors));
    expect(warnings).toEqual([
      '2 values of "w" beyond the largest float16 became 65,504. Keep that layer if its accuracy matters.',
    ]);
  });
});

describe('weight errors', () => {
  const stored = async (parts: ReturnType<typeof smallNetwork>, name: string, keep: string[] = []) => {
    const source = path.join(folder, `${name}.onnx`);
    await writeOnnx(model(parts), source, { context: quietContext(), overwrite: true });
    const before = await readModel(source);
    const reader = await openWeights(before);
    const target = path.join(folder, `${name}.int8.onnx`);
    const tensors = await quantizeWeights(before, reader, { granularity: 'channel', keep });
    await writeOnnx(onnxEncodings.store(before, tensors), target, { context: quietContext(), overwrite: true });
    await reader.close();
    return { before, after: await readModel(target) };
  };

  test('are 10 log10 of signal over noise, layer by layer, from the two files', async () => {
    const { before, after } = await stored(smallNetwork(make), 'errors');
    const errors = await weightErrors(before, after);
    expect(errors).toHaveLength(3);
    const head = make(32 * 40, 5);
    const scales = Array.from({ length: 40 }, (_, column) =>
      Math.fround(Math.max(...Array.from({ length: 32 }, (_row, row) => Math.abs(head[row * 40 + column] ?? 0))) / 127),
    );
    let signal = 0;
    let noise = 0;
    head.forEach((w, i) => {
      const scale = scales[i % 40] ?? 1;
      signal += w * w;
      noise += (w - Math.fround(Math.round(w / scale) * scale)) ** 2;
    });
    expect(errors[2]?.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 3);
    expect(errors[2]?.weight).toBe('head.weight');
  });

  test('are null where nothing changed, and lowest where one large value costs the others their digits', async () => {
    const parts = smallNetwork((count, seed) => {
      const values = make(count, seed);
      // One large value costs the others of its channels their digits.
      if (seed === 3) for (let row = 0; row < 32; row++) values[row * 576] = 5;
      return values;
    });
    const conv = summarize(model(parts)).layers.find((layer) => layer.operator === 'Conv')?.name ?? '';
    const { before, after } = await stored(parts, 'worst', [conv]);
    const errors = await weightErrors(before, after);
    expect(errors.find((error) => error.layer === conv)?.sqnrDb).toBeNull();
    const lossOf = (weight: string): number => errors.find((error) => error.weight === weight)?.sqnrDb ?? Infinity;
    expect(lossOf('fc.weight')).toBeLessThan(lossOf('head.weight'));
  });

  test('of hostile values are finite numbers', async () => {
    const { before, after } = await stored(
      smallNetwork((count, seed) => hostile(count, seed)),
      'hostile',
    );
    for (const { sqnrDb } of await weightErrors(before, after)) expect(Number.isFinite(sqnrDb)).toBe(true);
  });
});
