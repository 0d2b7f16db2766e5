import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { openSession, type Session } from '../../../src/core/runtime/session';
import { zeros } from '../../../src/core/runtime/tensor';
import { defaultThreads } from '../../../src/core/runtime/threads';
import { initializer, int, model, node, value } from '../compression/models';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';

const digits = path.resolve(__dirname, '../../../examples/digits/digits.onnx');
const folder = scratchFolder();

async function using<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

describe('a session', () => {
  it('tells inputs and outputs with their symbols, threads and load time', async () => {
    await using(await openSession(digits), async ({ inputs, outputs, threads, loadMs }) => {
      expect(inputs).toEqual([{ name: 'image', dtype: 'float32', shape: ['batch', 1, 28, 28] }]);
      expect(outputs).toEqual([{ name: 'logits', dtype: 'float32', shape: ['batch', 10] }]);
      expect(threads).toBe(defaultThreads());
      expect(loadMs).toBeGreaterThan(0);
    });
  });

  it('runs a model from a file and from bytes alike', async () => {
    const bytes = readFileSync(digits);
    const feeds = { image: zeros('float32', [3, 1, 28, 28]) };
    const fromFile = await using(await openSession(digits, { threads: 1 }), (session) => session.run(feeds));
    const fromBytes = await using(await openSession(bytes, { threads: 1 }), (session) => session.run(feeds));
    expect(fromFile['logits']?.shape).toEqual([3, 10]);
    expect(fromBytes).toEqual(fromFile);
  });

  it('gives every element type as it takes it', async () => {
    const dtypes = ['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'] as const;
    for (const dtype of [...dtypes, 'int64', 'uint64', 'bool'] as const) {
      const identity = model({
        nodes: [node('Identity', ['x'], ['y'])],
        weights: [],
        inputs: [value('x', ['n'], dtype)],
        outputs: [value('y', ['n'], dtype)],
      });
      await using(await openSession(await encodeOnnx(identity)), async (session) => {
        const x = zeros(dtype, [2]);
        if (x.data instanceof BigInt64Array || x.data instanceof BigUint64Array) x.data.set([1n, 0n]);
        else x.data.set([1, 0]);
        expect(await session.run({ x })).toEqual({ y: x });
      });
    }
  });

  it('fetches only the outputs that are asked for', async () => {
    const two = model({
      nodes: [node('Relu', ['x'], ['a']), node('Neg', ['x'], ['b'])],
      weights: [],
      inputs: [value('x', [2])],
      outputs: [value('a', [2]), value('b', [2])],
    });
    await using(await openSession(await encodeOnnx(two)), async (session) => {
      const x = { dtype: 'float32', shape: [2], data: Float32Array.of(-1, 2) } as const;
      expect(await session.run({ x }, ['b'])).toEqual({ b: { ...x, data: Float32Array.of(1, -2) } });
    });
  });

  it('gives the tensors of a model that has sequences, too', async () => {
    const mixed = model({
      nodes: [node('Relu', ['x'], ['a']), node('SplitToSequence', ['x'], ['s'])],
      weights: [],
      inputs: [value('x', [2])],
      outputs: [value('a', [2]), { name: 's', type: { dtype: null, shape: null } }],
    });
    await using(await openSession(await encodeOnnx(mixed)), async (session) => {
      const x = { dtype: 'float32', shape: [2], data: Float32Array.of(-1, 2) } as const;
      expect(await session.run({ x })).toEqual({ a: { ...x, data: Float32Array.of(0, 2) } });
    });
  });

  it('runs the graph as written, or writes the optimized one', async () => {
    const optimizedPath = folder.path('optimized.onnx');
    const feeds = { image: zeros('float32', [1, 1, 28, 28]) };
    const plain = await using(await openSession(digits, { disableOptimization: true }), (s) => s.run(feeds));
    const fast = await using(await openSession(digits, { optimizedPath }), (s) => s.run(feeds));
    expect(existsSync(optimizedPath)).toBe(true);
    plain['logits']?.data.forEach((score, index) =>
      expect(Number(fast['logits']?.data[index])).toBeCloseTo(Number(score), 3),
    );
  });
});

describe('what goes wrong is told in a sentence', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'no file',
      () => openSession(folder.path('gone.onnx')),
      /cannot load "gone\.onnx": File doesn't exist\. Check the path\.$/,
    ],
    ['no model', () => openSession(folder.write('noise.onnx', new Uint8Array(99).fill(7))), /"noise\.onnx": Protobuf/i],
    ['a cycle', cycle, /the graph is not acyclic\. Export the model again with standard operators/],
    ['what ONNX Runtime never learnt', batchwise, /initialization: layout_ == 0 was false\. Batchwise/],
    ['no bytes', () => openSession(new Uint8Array(), { name: 'the changed graph' }), /the changed graph/],
    ['an unknown operator', unknownOperator, /the model.*Frobnicate/],
    ['a missing input', () => runDigits({}), /'image' is missing/],
    ['another rank', () => runDigits({ image: zeros('float32', [1, 28, 28]) }), /Got: 3 Expected: 4/],
    ['another type', () => runDigits({ image: zeros('uint8', [1, 1, 28, 28]) }), /uint8/],
    ['an unknown output', () => runDigits({ image: zeros('float32', [1, 1, 28, 28]) }, ['scores']), /scores/],
    ['a closed session', closedSession, /disposed/],
  ])('%s', async (_, work, sentence) => {
    const error = await errorOf(work());
    expect(error.kind).toBe('runtime');
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^ONNX Runtime /);
    expect(isSentence(error.message)).toBe(true);
  });

  async function unknownOperator(): Promise<unknown> {
    const parts = {
      inputs: [value('x', [1])],
      outputs: [value('y', [1])],
      weights: [initializer('w', [1], new Float32Array(1))],
    };
    return openSession(await encodeOnnx(model({ nodes: [node('Frobnicate', ['x', 'w'], ['y'])], ...parts })));
  }

  async function cycle(): Promise<unknown> {
    const nodes = [node('Relu', ['b'], ['a']), node('Relu', ['a'], ['b'])];
    const parts = { nodes, weights: [], inputs: [value('x', [1])], outputs: [value('b', [1])] };
    return openSession(await encodeOnnx(model(parts)));
  }

  /** Its sentence comes with a place in ONNX Runtime's sources, which tells a user nothing. */
  async function batchwise(): Promise<unknown> {
    const rnn = node('RNN', ['x', 'w', 'r'], ['y'], { hidden_size: int(1), layout: int(1) });
    const weights = ['w', 'r'].map((name) => initializer(name, [1, 1, 1], new Float32Array(1)));
    const parts = { nodes: [rnn], weights, inputs: [value('x', [1, 1, 1])], outputs: [value('y', [1, 1, 1, 1])] };
    return openSession(await encodeOnnx(model(parts)));
  }

  async function runDigits(feeds: Parameters<Session['run']>[0], fetch?: string[]): Promise<unknown> {
    return using(await openSession(digits), (session) => session.run(feeds, fetch));
  }

  async function closedSession(): Promise<unknown> {
    const session = await openSession(digits);
    await session.close();
    return session.run({ image: zeros('float32', [1, 1, 28, 28]) });
  }
});
