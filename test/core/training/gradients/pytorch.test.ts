import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Attribute } from '../../../../src/core/model/model';
import { mul } from '../../../../src/core/training/graph/arithmetic';
import { reduceSum } from '../../../../src/core/training/graph/reduction';
import { Term } from '../../../../src/core/training/graph/term';
import { differentiate } from '../../../../src/core/training/gradients/differentiate';
import { array } from '../reference/array';
import type { CaseInput } from './case';
import { compare, emitted, inputsOf, newBuilder, runGraph } from './check';

interface StoredInput extends CaseInput {
  readonly values: readonly number[];
  /** PyTorch's; null for what has none. */
  readonly gradient: readonly number[] | null;
}

interface StoredCase {
  readonly title: string;
  readonly opType: string;
  readonly domain: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly inputs: readonly (StoredInput | null)[];
  readonly outputShape: readonly number[];
  readonly outputGradient: readonly number[];
}

const file = path.resolve(__dirname, '../../../fixtures/gradients/operators.json');
const CASES = JSON.parse(readFileSync(file, 'utf8')) as readonly StoredCase[];
/** Of float32 beside PyTorch in float64. */
const TOLERANCE = 1e-4;

describe("gradients are PyTorch's, at corners and ties too", () => {
  for (const given of CASES)
    it(`${given.opType} ${given.title}`, async () => {
      const build = newBuilder(given.opset);
      const numbers = given.inputs.map((input) => array(input?.shape ?? [0], input?.values ?? []));
      const { terms, feeds } = inputsOf(build, given.inputs, numbers);
      const output = array(given.outputShape, given.outputGradient);
      const [y] = emitted(build, { ...given, reference: () => [] }, terms, [output]);
      const weights = new Term('weights', 'float32', output.shape);
      feeds.set(weights, { dtype: 'float32', shape: output.shape, data: Float32Array.from(output.data) });
      const objective = reduceSum(build, mul(build, y ?? weights, weights), undefined, { keep: false });
      const wanted = given.inputs.flatMap((input, index) => (input?.gradient ? [index] : []));
      const gradients = differentiate(
        build,
        objective,
        wanted.flatMap((index) => terms[index] ?? []),
      );
      const answers = await runGraph(build, feeds, [objective, ...new Set(gradients.values())]);
      for (const index of wanted) {
        const gradient = gradients.get(terms[index]?.name ?? '');
        const expected = array(given.inputs[index]?.shape ?? [], given.inputs[index]?.gradient ?? []);
        if (gradient === undefined) expect(Array.from(expected.data)).toEqual(Array.from(expected.data, () => 0));
        else compare(`gradient of input ${index}`, answers[gradient.name], expected, TOLERANCE);
      }
    });
});
