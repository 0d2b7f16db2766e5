import { describe, expect, it } from 'vitest';
import { cautionFor, doubtOf } from '../../../src/core/compression/search/doubt';
import { MOST_DAMAGE } from '../../../src/core/compression/search/gauge';
import { Judge } from '../../../src/core/compression/search/judge';
import { fittedTemperature, logProbabilities } from '../../../src/core/compression/search/probabilities';
import type { Scores } from '../../../src/core/compression/search/scores';
import { seeded } from '../formats/scratch';

const scores = (rows: number[][]): Scores => ({
  values: Float64Array.from(rows.flat()),
  samples: rows.length,
  classes: rows[0]?.length ?? 0,
});

describe('log-probabilities', () => {
  it('are the log-softmax of scores, however large', () => {
    const [first = 0, second = 0] = logProbabilities(scores([[1000, 1001]]));
    expect(first).toBeCloseTo(-Math.log(1 + Math.E), 12);
    expect(second).toBeCloseTo(1 - Math.log(1 + Math.E), 12);
  });

  it('are the logarithms of what is a probability already', () => {
    const logs = logProbabilities(
      scores([
        [0.25, 0.75],
        [1, 0],
      ]),
    );
    expect([...logs.subarray(0, 2)].map(Math.exp)).toEqual([expect.closeTo(0.25, 9), expect.closeTo(0.75, 9)]);
    expect([...logs].every(Number.isFinite)).toBe(true);
  });

  it('fit labels at the temperature that they were drawn at', () => {
    const random = seeded(3);
    const rows = Array.from({ length: 20000 }, () => [3 * random(), 3 * random(), 3 * random()]);
    const drawn = logProbabilities(scores(rows), 0.5).map(Math.exp);
    const labels = Int32Array.from(rows, (_, sample) => {
      const [one = 0, two = 0] = drawn.subarray(3 * sample);
      const at = random();
      return at < one ? 0 : at < one + two ? 1 : 2;
    });
    expect(fittedTemperature(scores(rows), labels)).toBeCloseTo(0.5, 1);
  });
});

describe('a model held against the original', () => {
  const original = scores([
    [2, 0, 0],
    [0, 2, 0],
    [0, 0, 2],
    [1, 0.9, 0],
  ]);
  const labels = Int32Array.of(0, 1, 2, 1);

  it('is as good as the original where it gives the same', () => {
    const judged = new Judge(original, labels).judge(original);
    expect(judged).toMatchObject({ value: 0.75, dropAtMost: 0, damage: 0 });
  });

  it('is judged by labels where there are some, and by agreement where there are none', () => {
    const right = scores([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
      [0.9, 1, 0],
    ]);
    expect(new Judge(original, labels).judge(right)).toMatchObject({ value: 1 });
    expect(new Judge(original, null)).toMatchObject({ metric: 'fidelity' });
    expect(new Judge(original, null).judge(right).value).toBe(0.75);
  });

  it('may have lost more than these samples show', () => {
    const many = scores(Array.from({ length: 400 }, (_, sample) => (sample % 2 === 0 ? [1, 0] : [0, 1])));
    const truth = Int32Array.from({ length: 400 }, (_, sample) => sample % 2);
    const some = scores(
      Array.from({ length: 400 }, (_, sample) => (sample % 2 === 0 && sample !== 0 ? [1, 0] : [0, 1])),
    );
    expect(new Judge(many, truth).judge(some).dropAtMost).toBeGreaterThanOrEqual(0.25);
    expect(new Judge(many, null).judge(some).dropAtMost).toBeGreaterThan(0.25 + 0.2);
  });

  it('does the more damage the further its answers are, and the most where they are no numbers', () => {
    const judge = new Judge(original, labels);
    const changed = (by: number) =>
      judge.damage({ ...original, values: original.values.map((value, at) => value + by * (at % 3)) });
    expect(changed(0.1)).toBeGreaterThan(0);
    expect(changed(0.2)).toBeGreaterThan(changed(0.1));
    const broken = { ...original, values: original.values.map(() => NaN) };
    expect(judge.damage(broken)).toBe(MOST_DAMAGE);
    expect(judge.judge(broken).value).toBe(0);
    expect(judge.changed(broken)).toBe(1);
  });
});

describe('samples that a network was trained on', () => {
  const sure = doubtOf(scores(Array.from({ length: 500 }, (_, at) => [4 + (at % 3), 0, 0])));
  const unsure = doubtOf(scores(Array.from({ length: 500 }, (_, at) => [2 + (at % 3), 0, 0])));

  it('show by how sure it is of them, which makes drops count more', () => {
    expect(unsure.mean).toBeGreaterThan(sure.mean);
    expect(cautionFor(sure, unsure)).toBeCloseTo(unsure.mean / sure.mean, 9);
  });

  it('are told only where the difference is clear', () => {
    expect(cautionFor(unsure, unsure)).toBe(1);
    expect(cautionFor(unsure, sure)).toBe(1);
    expect(cautionFor({ mean: 0.02, standardError: 0.01 }, { mean: 0.03, standardError: 0.01 })).toBe(1);
  });

  it('let less be lost on them', () => {
    const labels = Int32Array.from({ length: 400 }, (_, sample) => sample % 2);
    const original = scores(Array.from(labels, (label) => (label === 0 ? [1, 0] : [0, 1])));
    const changed = scores(Array.from(labels, (label, sample) => (label === 0 && sample !== 0 ? [1, 0] : [0, 1])));
    const plain = new Judge(original, null).judge(changed).dropAtMost;
    expect(new Judge(original, null, 3).judge(changed).dropAtMost).toBeCloseTo(3 * plain, 9);
    expect(new Judge(original, null, 1, 100).judge(changed).dropAtMost).toBeGreaterThan(plain);
  });
});
