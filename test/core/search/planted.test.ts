import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  searchEncodings,
  type SearchRequest,
  type SearchResult,
  type SearchTarget,
  type StepBuilder,
} from '../../../src/core/compression/search';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quietContext, type Progress } from '../../../src/core/progress';
import { quantizeSchema, type QuantizeStep } from '../../../src/core/recipe/recipe.schema';
import { searchBuilder } from '../../../src/core/recipe/search-builder';
import { openSession } from '../../../src/core/runtime/session';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { plantedModel, plantedSamples, setOf } from './networks';

const scratch = scratchFolder();
const chosenOn = plantedSamples(1000, 11);
const heldOut = plantedSamples(4000, 23);
const selection = setOf(chosenOn.inputs, chosenOn.labels);

/** Whole searches take their time where other suites run, too. */
const SLOW = 180_000;
vi.setConfig({ testTimeout: SLOW, hookTimeout: SLOW });

const SMALLEST = { maxDrop: 2 };
/** With the robust layer as it is, so little that the sensitive one cannot keep the bits that tell classes apart. */
const USELESS_BYTES = 35_500;

let model: Model;
let smallest: SearchResult;
let bytes: number;

beforeAll(async () => {
  model = await plantedModel(scratch.path('planted.onnx'));
  bytes = model.files[0]?.size ?? 0;
  smallest = await searchEncodings(requestFor(SMALLEST));
});

function requestFor(target: SearchTarget, changes: Partial<SearchRequest> = {}): SearchRequest {
  const job = changes.job ?? quietContext();
  const step = quantizeSchema.parse({ weights: 'int8' });
  const recipe = { version: 1 as const, steps: [], target };
  const inputs = { sourceHash: 'ab'.repeat(32), calibration: selection, job, warn: () => undefined };
  const builder = searchBuilder({ model, file: 'planted.onnx', recipe }, inputs, undefined);
  return { model, file: 'planted.onnx', bytes, step, target, selection, builder, job, ...changes };
}

const fileOf = (target: SearchTarget, step: QuantizeStep | null): Promise<Uint8Array> => {
  if (step === null) throw new Error('there is a step');
  return requestFor(target).builder.build(step, (made) => encodeOnnx(made));
};

/** Share of right answers on the samples that nothing was chosen on. */
async function heldOutAccuracy(file: string | Uint8Array): Promise<number> {
  const set = setOf(heldOut.inputs, heldOut.labels);
  const session = await openSession(file);
  const { inputs } = await set.batch([...heldOut.labels.keys()]);
  const scores = (await session.run(inputs)).y?.data ?? [];
  await session.close();
  const right = heldOut.labels.filter((label, sample) => {
    const row = Array.from({ length: 10 }, (_, at) => Number(scores[sample * 10 + at]));
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / heldOut.labels.length;
}

/** Bits of a layer's codes in a step; 32 where it stays. */
function bitsOf(step: QuantizeStep | null, layer: string): number {
  if (step === null || step.keep.includes(layer)) return 32;
  const override = step.overrides?.find(({ layers }) => layers.includes(layer));
  return Number(/\d+$/.exec(override?.weights ?? step.weights)?.[0]);
}

describe('the smallest file within a drop', () => {
  const target = SMALLEST;

  it('keeps a sensitive layer at more bits', () => {
    expect(smallest.reached).toBe(true);
    expect(smallest.closest).toBeNull();
    expect(bitsOf(smallest.step, 'robust')).toBeLessThanOrEqual(4);
    expect(bitsOf(smallest.step, 'sensitive')).toBeGreaterThan(bitsOf(smallest.step, 'robust'));
  });

  it('is the file that the found step makes, to the byte, and holds on samples that nothing was chosen on', async () => {
    const file = await fileOf(target, smallest.step);
    const chosen = smallest.front.filter((point) => point.chosen);
    expect(chosen.map((point) => [point.bytes, point.metric])).toEqual([[file.byteLength, 'accuracy']]);
    const before = await heldOutAccuracy(scratch.path('planted.onnx'));
    expect(100 * (before - (await heldOutAccuracy(file)))).toBeLessThanOrEqual(target.maxDrop);
  });

  it('is smaller than any encoding for the whole model that meets the target', () => {
    const { front, notes } = smallest;
    const best = front.find(({ chosen }) => chosen);
    const everywhere = front.find(({ name }) => name === 'int8 per channel')?.bytes ?? 0;
    expect(best?.bytes).toBeLessThan(everywhere);
    expect(front.map((point) => point.bytes)).toEqual(front.map((point) => point.bytes).sort((a, b) => a - b));
    expect(notes.every(isSentence)).toBe(true);
  });

  it('goes by agreement with the original where there are no labels, and says so', async () => {
    const { front, notes, reached } = await searchEncodings(
      requestFor({ maxDrop: 5 }, { selection: setOf(chosenOn.inputs, null) }),
    );
    expect(reached).toBe(true);
    expect(new Set(front.map(({ metric }) => metric))).toEqual(new Set(['fidelity']));
    expect(notes.join(' ')).toContain('fidelity');
  });

  it(
    'leaves layers that are kept',
    async () => {
      const keeping = quantizeSchema.parse({ weights: 'int8', keep: ['sensitive'] });
      const kept = await searchEncodings(requestFor(target, { step: keeping }));
      expect(kept.step?.keep).toContain('sensitive');
    },
    SLOW,
  );

  it('leaves layers that have options of their own', async () => {
    const overrides = [{ layers: ['robust'], weights: 'int8' as const }];
    const given = quantizeSchema.parse({ weights: 'int8', overrides });
    const overridden = await searchEncodings(requestFor(target, { step: given }));
    expect(bitsOf(overridden.step, 'robust')).toBe(8);
  });
});

describe('the most accurate file within a size', () => {
  it('fits, and is better than fewer bits everywhere', async () => {
    const target = { maxSize: 9000 };
    const { step, reached, front } = await searchEncodings(requestFor(target));
    expect(reached).toBe(true);
    const file = await fileOf(target, step);
    expect(file.byteLength).toBeLessThanOrEqual(target.maxSize);
    const chosen = front.find((point) => point.chosen);
    const everywhere = front.filter(({ name, bytes: size }) => name === '4-bit palette' && size <= target.maxSize);
    for (const point of everywhere) expect(chosen?.value).toBeGreaterThanOrEqual(point.value);
    expect(await heldOutAccuracy(file)).toBeGreaterThan((await heldOutAccuracy(scratch.path('planted.onnx'))) - 0.05);
  });
});

describe('a target that cannot be met', () => {
  it.each([
    { target: { maxSize: 300 }, says: 'at most 300 B' },
    { target: { maxDrop: 2, maxSize: 2000 }, says: 'a drop of at most 2 points in accuracy and at most 2.00 KB' },
  ])('says how close the search came to $target, and with what', async ({ target, says }) => {
    const { reached, closest, step, front } = await searchEncodings(requestFor(target));
    expect(reached).toBe(false);
    expect(step).not.toBeNull();
    expect(closest).toContain(says);
    expect(closest).toContain(front.find((point) => point.chosen)?.name);
    expect(isSentence(closest ?? '')).toBe(true);
  });

  it('is told where the only files that fit are of no use, with the smallest that are', async () => {
    const keeping = quantizeSchema.parse({ weights: 'int8', keep: ['robust'] });
    const { reached, closest, step } = await searchEncodings(requestFor({ maxSize: USELESS_BYTES }, { step: keeping }));
    expect(reached).toBe(false);
    expect(step).not.toBeNull();
    expect(closest).toMatch(
      /^The best file of this size is of no use: .* The smallest that keeps at least half of it has/,
    );
    expect(isSentence(closest ?? '')).toBe(true);
  });
});

describe('a search that is stopped', () => {
  const state = () => ({ path: scratch.path('state.json'), purpose: 'planted' });

  /** Stops when a stage is at this unit of work. */
  function stoppedAt(stage: string, done: number): { request: SearchRequest; seen: Progress[] } {
    const stop = new AbortController();
    const seen: Progress[] = [];
    const job = {
      signal: stop.signal,
      progress: (step: Progress) => {
        seen.push(step);
        if (step.stage === stage && step.done >= done) stop.abort();
      },
    };
    return { request: requestFor(SMALLEST, { job, state: state() }), seen };
  }

  it.each([
    ['Running planted.onnx', 0],
    ['Encoding layers', 1],
    ['Measuring what layers bear', 3],
    ['Trying combinations', 7],
  ])('while %s stops before more is done', async (stage, done) => {
    const { request, seen } = stoppedAt(stage, done);
    const error = await errorOf(searchEncodings(request));
    expect(error.kind).toBe('cancelled');
    expect(seen.at(-1)).toMatchObject({ stage, done });
  });

  it('goes on where it was, to the same result', async () => {
    const { request } = stoppedAt('Trying combinations', 9);
    await errorOf(searchEncodings(request));
    expect(existsSync(state().path)).toBe(true);

    let built = 0;
    const plain = requestFor(SMALLEST, { state: state() });
    const build: StepBuilder['build'] = (step, use) => (built++, plain.builder.build(step, use));
    const builder = { ...plain.builder, build };
    const resumed = await searchEncodings({ ...plain, builder });
    expect(resumed).toEqual(smallest);
    expect(built).toBe(smallest.front.length - 9);
    expect(existsSync(state().path)).toBe(false);
  });

  it.each([
    ['another purpose', (left: string) => left, 'another'],
    ['a file that was cut off', (left: string) => left.slice(0, 100), 'planted'],
    ['a file of another form', () => '{"purpose":"planted"}', 'planted'],
  ])('begins anew after %s', async (_, change, purpose) => {
    const { request } = stoppedAt('Trying combinations', 6);
    await errorOf(searchEncodings(request));
    writeFileSync(state().path, change(readFileSync(state().path, 'utf8')));
    const { request: again, seen } = stoppedAt('Trying combinations', 0);
    await errorOf(searchEncodings({ ...again, state: { ...state(), purpose } }));
    expect(seen.at(-1)).toMatchObject({ stage: 'Trying combinations', done: 0 });
  });
});
