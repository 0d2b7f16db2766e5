import { beforeAll, describe, expect, it, vi } from 'vitest';
import { searchEncodings, type SearchRequest, type SearchResult } from '../../../src/core/compression/search';
import type { DataSet } from '../../../src/core/evaluation/data';
import { formatOf, readModel } from '../../../src/core/formats';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { quantizeSchema } from '../../../src/core/recipe/recipe.schema';
import { searchBuilder } from '../../../src/core/recipe/search-builder';
import { openSession } from '../../../src/core/runtime/session';
import { initializer, model, node, value } from '../compression/models';
import { isSentence, scratchFolder } from '../formats/scratch';
import { random } from '../quantization/networks';
import { setOf } from './networks';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const scratch = scratchFolder();
const INPUTS = 32;
const HIDDEN = 96;
const SAMPLES = 200;
const inputs = random(INPUTS * SAMPLES, 5);

/** One number a sample, and what it is made from as two more outputs: no classes. */
const network = model(
  {
    nodes: [
      node('MatMul', ['x', 'first.weight'], ['h']),
      node('Relu', ['h'], ['r']),
      node('MatMul', ['r', 'second.weight'], ['e']),
      node('MatMul', ['e', 'last.weight'], ['y']),
    ],
    weights: [
      initializer('first.weight', [INPUTS, HIDDEN], random(INPUTS * HIDDEN, 1)),
      initializer('second.weight', [HIDDEN, 64], random(HIDDEN * 64, 2)),
      initializer('last.weight', [64, 1], random(64, 3)),
    ],
    inputs: [value('x', ['n', INPUTS])],
    outputs: [value('y', ['n', 1]), value('e', ['n', 64]), value('r', ['n', HIDDEN])],
  },
  18,
);

let written: Model;
let answers: Float32Array;
let compared: SearchResult;

beforeAll(async () => {
  const file = scratch.path('regression.onnx');
  await formatOf('onnx').write(network, file, { context: quietContext(), overwrite: true });
  written = await readModel(file);
  const session = await openSession(file);
  const { inputs: feeds } = await setOf(inputs, null).batch([...Array(SAMPLES).keys()]);
  answers = Float32Array.from((await session.run(feeds)).y?.data ?? [], Number);
  await session.close();
  compared = await search(setOf(inputs, null));
});

/** What `y` should be: the network's answers, each off by a tenth. */
function withTargets(set: DataSet): DataSet {
  const read = (indices: readonly number[]) => {
    const data = Float32Array.from(indices, (index) => (answers[index] ?? 0) + (index % 2 === 0 ? 0.1 : -0.1));
    return Promise.resolve({ y: { dtype: 'float32' as const, shape: [indices.length, 1], data } });
  };
  return { ...set, targets: { names: ['y'], shapeOf: (output) => (output === 'y' ? [1] : undefined), read } };
}

function search(selection: DataSet, changes: Partial<SearchRequest> = {}): Promise<SearchResult> {
  const target = changes.target ?? { maxDrop: 1 };
  const job = quietContext();
  const recipe = { version: 1 as const, steps: [], target };
  const compression = { sourceHash: 'ab'.repeat(32), calibration: selection, job, warn: () => undefined };
  return searchEncodings({
    ...{ model: written, file: 'regression.onnx', bytes: written.files[0]?.size ?? 0, target, selection, job },
    step: quantizeSchema.parse({ weights: 'int8' }),
    builder: searchBuilder({ model: written, file: 'regression.onnx', recipe }, compression, undefined),
    ...changes,
  });
}

describe('a model without classes', () => {
  it('is searched by the similarity of all its outputs to the original, which is named so', () => {
    const { reached, front, notes, original } = compared;
    expect(reached).toBe(true);
    expect(new Set(front.map(({ metric }) => metric))).toEqual(new Set(['similarity']));
    expect(original).toMatchObject({ metric: 'similarity' });
    expect(original.value).toBeCloseTo(1, 6);
    const chosen = front.find((point) => point.chosen);
    expect(chosen?.value).toBeGreaterThan(0.99);
    expect(chosen?.bytes).toBeLessThan((written.files[0]?.size ?? 0) / 4);
    expect(notes[0]).toContain('by similarity to the original (cosine) on 200 selection samples');
  });

  it('is searched by the error that its data have targets for: the limit is its rise in percent', async () => {
    const { original, front, reached } = await search(withTargets(setOf(inputs, null)), { target: { maxDrop: 20 } });
    expect(original.metric).toBe('mean-absolute-error');
    expect(original.value).toBeCloseTo(0.1, 5);
    expect(reached).toBe(true);
    expect(front.find((point) => point.chosen)?.value).toBeLessThan(0.12);
  });

  it('says how close the search came, in the metric’s own words', async () => {
    const targeted = await search(withTargets(setOf(inputs, null)), { target: { maxDrop: 1, maxSize: 500 } });
    expect(targeted.closest).toMatch(
      /a rise of at most 1 % in mean absolute error and at most 500 B .* rises by up to/,
    );
    const similar = await search(setOf(inputs, null), { target: { maxDrop: 0.1, maxSize: 500 } });
    expect(similar.closest).toContain('a drop of at most 0.1 points in similarity to the original');
    expect([targeted.closest, similar.closest].every((sentence) => isSentence(sentence ?? ''))).toBe(true);
  });

  it('wins by repairs what is then spent on fewer bytes', async () => {
    const repaired = await search(setOf(inputs, null), { repairs: ['adaptive-rounding'] });
    expect(repaired.step?.repair).toEqual(['adaptive-rounding']);
    const bytesOf = ({ front }: SearchResult) => front.find(({ chosen }) => chosen)?.bytes ?? Infinity;
    expect(bytesOf(repaired)).toBeLessThan(bytesOf(compared));
  });
});

describe('a model that is too large to be handed over in memory', () => {
  it('is searched by way of temporary files, to the same result', async () => {
    expect(await search(setOf(inputs, null), { mostInMemory: 0 })).toEqual(compared);
  });
});
