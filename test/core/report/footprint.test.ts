import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withShortNames } from '../../../src/core/compression/graph/short-names';
import { footprint } from '../../../src/core/evaluation/footprint';
import { peakMemory } from '../../../src/core/evaluation/peak-memory';
import { strippedBytes } from '../../../src/core/evaluation/stripped-size';
import { formatOf, readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { quietContext } from '../../../src/core/progress';
import { openSession } from '../../../src/core/runtime/session';
import { zeros } from '../../../src/core/runtime/tensor';
import { initializer, model, node, value, type GraphParts } from '../compression/models';
import { errorOf, scratchFolder, seeded } from '../formats/scratch';

const folder = scratchFolder();
const digits = path.resolve(__dirname, '../../../examples/digits/digits.onnx');
const never = new AbortController().signal;

describe('a model with the shortest names', () => {
  it('is as large as it is said to be, and smaller than the original', async () => {
    const original = await readModel(digits);
    const { bytes, paths } = await formatOf('onnx').write(withShortNames(original), folder.path('short.onnx'), {
      context: quietContext(),
    });
    expect(strippedBytes(original)).toBe(bytes);
    expect(readFileSync(paths[0] ?? '')).toHaveLength(bytes);
    expect(bytes).toBeLessThan(statSync(digits).size);
  });

  it('computes the same, under the same names of inputs and outputs', async () => {
    const short = withShortNames(await readModel(digits));
    const [one, other] = [await openSession(digits), await openSession(await encodeOnnx(short))];
    expect(other.inputs).toEqual(one.inputs);
    expect(other.outputs.map(({ name }) => name)).toEqual(one.outputs.map(({ name }) => name));
    const random = seeded(5);
    const [input] = one.inputs;
    const shape = (input?.shape ?? []).map((size) => (typeof size === 'number' ? size : 1));
    const tensor = zeros('float32', shape);
    for (let at = 0; at < tensor.data.length; at++) tensor.data[at] = random();
    const feeds = { [input?.name ?? '']: tensor };
    expect(await other.run(feeds)).toEqual(await one.run(feeds));
  });

  it('keeps apart what subgraphs see and what they name themselves', async () => {
    const branch = (factor: number, sum: boolean) => ({
      ...{ name: 'branch', inputs: [], values: new Map(), outputs: [value('out', [1])] },
      nodes: [node(sum ? 'Add' : 'Mul', ['doubled', 'factor'], ['out'])],
      weights: new Map([['factor', initializer('factor', [1], Float32Array.of(factor))]]),
    });
    const parts: GraphParts = {
      nodes: [
        node('Add', ['0', '0'], ['doubled']),
        node('Greater', ['doubled', 'factor'], ['large']),
        node('Squeeze', ['large'], ['which']),
        node('If', ['which'], ['y'], {
          then_branch: { kind: 'graph', value: branch(10, true) },
          else_branch: { kind: 'graph', value: branch(-1, false) },
        }),
      ],
      weights: [initializer('factor', [1], Float32Array.of(3))],
      inputs: [value('0', [1])],
      outputs: [value('y', [1])],
    };
    const session = await openSession(await encodeOnnx(withShortNames(model(parts))));
    const answer = async (x: number): Promise<number> => {
      const { y } = await session.run({ '0': { dtype: 'float32', shape: [1], data: Float32Array.of(x) } });
      return Number(y?.data[0]);
    };
    expect(await answer(2)).toBe(14);
    expect(await answer(1)).toBe(-2);
  });
});

/** x [1, n] times a matrix of `megabytes` MB. */
async function product(megabytes: number): Promise<string> {
  const side = Math.round(Math.sqrt((megabytes * 1e6) / 4));
  const random = seeded(1);
  const weights = Float32Array.from({ length: side * side }, () => random() - 0.5);
  const parts: GraphParts = {
    nodes: [node('MatMul', ['x', 'w'], ['y'])],
    weights: [initializer('w', [side, side], weights)],
    inputs: [value('x', ['n', side])],
    outputs: [value('y', ['n', side])],
  };
  return folder.write(`product-${megabytes}.onnx`, await encodeOnnx(model(parts)));
}

describe('peak memory', () => {
  it('grows with the weights of a model, and holds at least them', async () => {
    const measured = async (megabytes: number): Promise<number> => {
      const file = await product(megabytes);
      const side = Math.round(Math.sqrt((megabytes * 1e6) / 4));
      return (await peakMemory(file, { feeds: { x: zeros('float32', [1, side]) }, signal: never })) ?? 0;
    };
    const [small, large] = [await measured(1), await measured(40)];
    expect(small).toBeLessThan(40e6);
    expect(large).toBeGreaterThanOrEqual(40e6);
  });

  it('is not known for what does not run', async () => {
    const file = folder.write('broken.onnx', 'no model');
    expect(await peakMemory(file, { feeds: {}, signal: never })).toBeNull();
  });

  it('ends its process when it is cancelled', async () => {
    const job = peakMemory(await product(1), { feeds: {}, signal: AbortSignal.timeout(20) });
    expect((await errorOf(job)).kind).toBe('cancelled');
  });
});

describe('what a model takes', () => {
  it('is told with the sizes of its file', async () => {
    const session = await openSession(digits);
    const found = await footprint(digits, session, { test: null, context: quietContext() });
    expect(found.entropyBytes).toBeLessThan(statSync(digits).size);
    expect(found.strippedBytes).toBeLessThan(statSync(digits).size);
    expect(found.peakMemoryBytes).toBeGreaterThan(0);
    expect(found.latencyReason).toBeUndefined();
  });

  it('says why a model is not run: the shapes of its inputs are open', async () => {
    const parts: GraphParts = {
      nodes: [node('Relu', ['x'], ['y'])],
      weights: [],
      inputs: [value('x', ['n', 'width'])],
      outputs: [value('y', ['n', 'width'])],
    };
    const file = folder.write('open.onnx', await encodeOnnx(model(parts)));
    const found = await footprint(file, await openSession(file), { test: null, context: quietContext() });
    expect(found).toMatchObject({ peakMemoryBytes: null, latencyReason: expect.stringMatching(/open/) as string });
  });
});
