import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TeacherAnswers } from '../../../../src/core/training/distillation/teacher';
import { cacheIdentity } from '../../../../src/core/training/distillation/cache-identity';
import { cacheBytes, TeacherCache } from '../../../../src/core/training/distillation/teacher-cache';
import { pointSet, smallNetwork } from '../small-network';

const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-answers-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const LAYOUT = { samples: 5, variants: 2, sizes: [2, 3] };
const ONE = '11'.repeat(32);
const OTHER = '22'.repeat(32);

const answersTo = (positions: readonly number[], variant: number): TeacherAnswers => ({
  output: tensor(
    positions.flatMap((position) => [position, variant]),
    2,
  ),
  hints: [
    tensor(
      positions.flatMap((position) => [position / 4, variant / 4, -position]),
      3,
    ),
  ],
});

const tensor = (values: readonly number[], size: number) =>
  ({ dtype: 'float32', shape: [values.length / size, size], data: Float32Array.from(values) }) as const;

describe("a teacher's answers on disk", () => {
  it('come back by sample and variant, in any order', () => {
    const cache = TeacherCache.open(path.join(folder, 'order'), ONE, LAYOUT);
    cache.write([3, 0], 1, answersTo([3, 0], 1));
    cache.write([1], 1, answersTo([1], 1));
    expect(cache.read([1, 3], 1)).toEqual(answersTo([1, 3], 1));
    expect(cache.read([1, 3], 0)).toBeNull();
    expect(cache.read([1, 2], 1)).toBeNull();
    cache.close();
  });

  it('are there when a run goes on, and not for other teachers or data', () => {
    const file = path.join(folder, 'resumed');
    const first = TeacherCache.open(file, ONE, LAYOUT);
    first.write([4], 0, answersTo([4], 0));
    first.close();
    const second = TeacherCache.open(file, ONE, LAYOUT);
    expect(second.read([4], 0)).toEqual(answersTo([4], 0));
    second.close();
    const other = TeacherCache.open(file, OTHER, LAYOUT);
    expect(other.read([4], 0)).toBeNull();
    other.close();
  });

  it('lie in one file of a known size, which goes when it is removed', () => {
    const file = path.join(folder, 'size');
    const cache = TeacherCache.open(file, ONE, LAYOUT);
    expect(statSync(file).size).toBe(cacheBytes(LAYOUT));
    cache.close();
    cache.remove();
    expect(existsSync(file)).toBe(false);
  });
});

describe('what answers on disk depend on', () => {
  const set = pointSet(100, 1);
  const teacher = { model: smallNetwork(4), file: 'teacher.onnx' };

  it('is the same for the same teacher and data', async () => {
    const again = { model: smallNetwork(4), file: 'renamed.onnx' };
    expect(await cacheIdentity([again], set, [])).toBe(await cacheIdentity([teacher], set, []));
  });

  it('is another for other weights, other data, and other values asked for', async () => {
    const known = await cacheIdentity([teacher], set, []);
    expect(await cacheIdentity([{ ...teacher, model: smallNetwork(4, 2) }], set, [])).not.toBe(known);
    expect(await cacheIdentity([teacher], pointSet(100, 2), [])).not.toBe(known);
    expect(await cacheIdentity([teacher], set, ['active'])).not.toBe(known);
  });
});
