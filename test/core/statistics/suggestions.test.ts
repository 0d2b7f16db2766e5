import { describe, expect, test } from 'vitest';
import {
  FEWEST_OUTPUTS,
  LARGEST_FRACTION,
  NEGLIGIBLE_ENERGY,
  suggestPruning,
  type LayerFacts,
} from '../../../src/core/analysis/suggestions';

const facts = (outputs: number, more: Partial<LayerFacts> = {}): LayerFacts => ({
  operator: 'Conv',
  outputs,
  last: false,
  grouped: false,
  ...more,
});
const energies = (strong: number, weak: number, ratio: number): Float64Array =>
  Float64Array.from({ length: strong + weak }, (_, i) => (i % 2 === 0 && i / 2 < weak ? ratio : 1));

describe('how much of a layer could go', () => {
  test('the weakest filters that together hold at most 5 % of the energy', () => {
    const suggestion = suggestPruning(facts(64), energies(48, 16, 0.01));
    expect(suggestion).toMatchObject({ remove: 18, of: 64, unit: 'filters', basis: 'estimate', fraction: 18 / 64 });
    expect(NEGLIGIBLE_ENERGY).toBe(0.05);
  });

  test('says why in a sentence', () => {
    expect(suggestPruning(facts(64), energies(32, 32, 0))?.reason).toBe(
      "32 of 64 filters hold none of the weights' energy.",
    );
    expect(suggestPruning(facts(10), Float64Array.of(0.2, 1, 1, 1, 1, 1, 1, 1, 1, 1))?.reason).toBe(
      "1 of 10 filters holds 2.2 % of the weights' energy.",
    );
    expect(suggestPruning(facts(8, { operator: 'Gemm' }), Float64Array.of(1e-9, 1, 1, 1, 1, 1, 1, 1))?.reason).toBe(
      "1 of 8 neurons holds less than 0.1 % of the weights' energy.",
    );
  });

  test('never more than half', () => {
    const suggestion = suggestPruning(facts(64), energies(10, 54, 1e-6));
    expect(suggestion?.fraction).toBe(LARGEST_FRACTION);
    expect(suggestPruning(facts(9), energies(1, 8, 0))?.remove).toBe(4);
    expect(suggestPruning(facts(64), new Float64Array(64))?.remove).toBe(32);
  });

  test('nothing where all filters matter alike', () => {
    expect(suggestPruning(facts(10), new Float64Array(10).fill(1))).toBeNull();
  });

  test('nothing of the last layer, of grouped convolutions, of tiny layers, of other operators', () => {
    const weak = energies(8, 8, 0);
    expect(suggestPruning(facts(16), weak)).not.toBeNull();
    expect(suggestPruning(facts(16, { last: true }), weak)).toBeNull();
    expect(suggestPruning(facts(16, { grouped: true }), weak)).toBeNull();
    expect(suggestPruning(facts(16, { operator: 'LayerNormalization' }), weak)).toBeNull();
    expect(suggestPruning(facts(FEWEST_OUTPUTS - 1), new Float64Array(FEWEST_OUTPUTS - 1))).toBeNull();
  });

  test('nothing when energies are beyond numbers', () => {
    expect(suggestPruning(facts(8), new Float64Array(8).fill(Infinity))).toBeNull();
    expect(suggestPruning(facts(8), new Float64Array(8).fill(NaN))).toBeNull();
  });
});
