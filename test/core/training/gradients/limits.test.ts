import { describe, expect, it } from 'vitest';
import type { Attribute } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { mul } from '../../../../src/core/training/graph/arithmetic';
import type { GraphBuilder } from '../../../../src/core/training/graph/builder';
import { reduceSum } from '../../../../src/core/training/graph/reduction';
import { float32, Term } from '../../../../src/core/training/graph/term';
import { differentiate } from '../../../../src/core/training/gradients/differentiate';
import { float, integers, text } from './attributes';
import type { CaseInput } from './case';
import { array } from '../reference/array';
import { emitted, inputsOf, newBuilder, runGraph } from './check';

const total = (build: GraphBuilder, term: Term): Term => reduceSum(build, term, undefined, { keep: false });

/** Differentiates one node whose first input is wanted. */
function gradientOf(
  opType: string,
  inputs: readonly (CaseInput | null)[],
  outputShape: readonly number[],
  attributes: Readonly<Record<string, Attribute>> = {},
): void {
  const build = newBuilder(18);
  const numbers = inputs.map((input) => array(input?.shape ?? [0], []));
  const { terms } = inputsOf(build, inputs, numbers);
  const node = { title: '', opType, inputs, attributes, reference: () => [] };
  const [y] = emitted(build, node, terms, [array(outputShape, [])]);
  if (y)
    differentiate(
      build,
      total(build, y),
      terms.slice(0, 1).flatMap((term) => term ?? []),
    );
}

describe('what has no gradient says so', () => {
  it('names the operator, the layer, and what can be trained anyway', () => {
    expect(() => {
      gradientOf('Hardmax', [{ shape: [2, 3] }], [2, 3]);
    }).toThrow(
      'There is no gradient for Hardmax ("the Hardmax"), so nothing before it can be trained. Freeze the layers before it, or train those after it.',
    );
  });

  it('asks for fixed sizes where a slice begins where the data say', () => {
    expect(() => {
      gradientOf('Slice', [{ shape: [4] }, { shape: [1], integers: true }, integers([3])], [2]);
    }).toThrow('The starts of Slice "the Slice" are computed while the model runs');
  });

  it.each<[string, readonly (CaseInput | null)[], readonly number[], Record<string, Attribute>, string]>([
    [
      'ScatterElements',
      [{ shape: [3] }, integers([0]), { shape: [1] }],
      [3],
      { reduction: text('mul') },
      'reduction mul',
    ],
    [
      'Resize',
      [{ shape: [1, 1, 2, 2] }, null, null, integers([1, 1, 4, 4])],
      [1, 1, 4, 4],
      { mode: text('linear'), coordinate_transformation_mode: text('tf_crop_and_resize') },
      'coordinates tf_crop_and_resize',
    ],
    [
      'LSTM',
      [{ shape: [2, 1, 3] }, { shape: [1, 8, 3] }, { shape: [1, 8, 2] }],
      [2, 1, 1, 2],
      { clip: float(1) },
      'clip',
    ],
  ])('%s in a form that the rule does not cover', (opType, inputs, outputShape, attributes, what) => {
    expect(() => {
      gradientOf(opType, inputs, outputShape, attributes);
    }).toThrow(`There is no gradient for ${opType} "the ${opType}" with ${what}.`);
  });
});

describe('gradients end at integers and conditions', () => {
  it('passes by the way that has one', async () => {
    const build = newBuilder(17);
    const x = new Term('x', 'float32', [2, 3]);
    const best = build.one(
      'ArgMax',
      [x],
      { dtype: 'int64', shape: [2] },
      {
        ...{ axis: { kind: 'int', value: 1 }, keepdims: { kind: 'int', value: 0 } },
      },
    );
    const chosen = build.one('OneHot', [best, build.integers([3]), build.constant([0, 1], [2])], float32([2, 3]));
    const objective = total(build, mul(build, x, chosen));
    const gradient = differentiate(build, objective, [x]).get('x');
    const feeds = new Map<Term, Tensor>([
      [x, { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 3, 2, 6, 5, 4) }],
    ]);
    const answers = await runGraph(build, feeds, gradient ? [gradient] : []);
    expect(Array.from(answers[gradient?.name ?? '']?.data ?? [], Number)).toEqual([0, 1, 0, 1, 0, 0]);
  });

  it('gives none to what only steps or conditions read', () => {
    const build = newBuilder(17);
    const x = new Term('x', 'float32', [3]);
    const floor = build.one('Floor', [x], x);
    expect(differentiate(build, total(build, floor), [x]).size).toBe(0);
  });
});
