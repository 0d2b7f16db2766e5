import { describe, expect, it } from 'vitest';
import { newWeight } from '../../../../src/core/compression/graph/new-weights';
import type { Model, Node } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { importModel } from '../../../../src/core/training/graph/import-model';
import { Term } from '../../../../src/core/training/graph/term';
import { array, map } from '../reference/array';
import { mean, normalized, reduced, variance } from '../reference/reduction';
import { float } from './attributes';
import { modelOf, newBuilder, runGraph, seeded } from './check';

const SHAPE = [4, 2, 3, 3];
const AXES = [0, 2, 3];
const COUNT = 36;
const MOMENTUM = 0.8;

const layer = (index: number): Node => ({
  ...{ name: `norm${index}`, opType: 'BatchNormalization', domain: '', metadata: new Map() },
  attributes: new Map([['momentum', float(MOMENTUM)]]),
  inputs: [`y${index}`, 'scale', 'bias', `mean${index}`, `variance${index}`],
  outputs: [`y${index + 1}`],
});

/** Two layers, one on the other: the second sees what the first gives. */
function twoLayers(opset: number): Model {
  const weight = (name: string, values: readonly number[]) =>
    [name, newWeight(name, 'float32', [2], Float32Array.from(values))] as const;
  const model = modelOf(newBuilder(opset), [new Term('y0', 'float32', SHAPE)], [new Term('y2', 'float32', SHAPE)]);
  return {
    ...model,
    graph: {
      ...model.graph,
      nodes: [layer(0), layer(1)],
      weights: new Map([
        ...[weight('scale', [2, 0.5]), weight('bias', [1, -1])],
        ...[
          weight('mean0', [0.5, 0]),
          weight('variance0', [2, 1]),
          weight('mean1', [0, 1]),
          weight('variance1', [1, 3]),
        ],
      ]),
    },
  };
}

describe('running statistics', () => {
  for (const opset of [13, 17]) {
    it(`move towards those of the batch, the variance as that of a sample (operator set ${opset})`, async () => {
      const random = seeded(5);
      const x = array(
        SHAPE,
        Array.from({ length: 72 }, () => Math.fround(random() * 3 - 1)),
      );
      const build = newBuilder(opset);
      const input = new Term('x', 'float32', SHAPE);
      const updates = new Map<string, Term>();
      importModel(build, twoLayers(opset), {
        ...{ dims: {}, mode: { normalization: 'training', dropout: false }, given: new Map([['y0', input]]) },
        random: () => input,
        update: (weight, value) => updates.set(weight, value),
      });
      const tensor: Tensor = { dtype: 'float32', shape: SHAPE, data: Float32Array.from(x.data) };
      const answers = await runGraph(build, new Map([[input, tensor]]), [...updates.values()]);
      const moved = (weight: string): number[] =>
        Array.from(answers[updates.get(weight)?.name ?? '']?.data ?? [], Number);
      const towards = (before: readonly number[], now: Float64Array): number[] =>
        before.map((value, channel) => MOMENTUM * value + (1 - MOMENTUM) * (now[channel] ?? 0));
      const ofSample = (values: Float64Array): Float64Array => values.map((value) => (value * COUNT) / (COUNT - 1));
      const first = map(normalized(x, AXES, 1e-5), (value) => value);
      const scaled = {
        ...first,
        data: first.data.map((value, at) => (Math.floor(at / 9) % 2 === 0 ? 2 * value + 1 : value / 2 - 1)),
      };
      const expected: readonly [string, number[]][] = [
        ['mean0', towards([0.5, 0], reduced(x, AXES, mean).data)],
        ['variance0', towards([2, 1], ofSample(reduced(x, AXES, variance).data))],
        ['mean1', towards([0, 1], reduced(scaled, AXES, mean).data)],
        ['variance1', towards([1, 3], ofSample(reduced(scaled, AXES, variance).data))],
      ];
      expect([...updates.keys()]).toEqual(expected.map(([name]) => name));
      for (const [weight, values] of expected)
        values.forEach((value, channel) => {
          expect(moved(weight)[channel], `${weight} of channel ${channel}`).toBeCloseTo(value, 5);
        });
    });
  }

  it('stay where the layers are frozen', () => {
    const build = newBuilder(17);
    importModel(build, twoLayers(17), {
      ...{ dims: {}, mode: { normalization: 'frozen', dropout: false } },
      ...{ given: new Map([['y0', new Term('x', 'float32', SHAPE)]]) },
      random: () => new Term('r', 'float32', []),
      update: () => {
        throw new Error('a frozen layer was updated');
      },
    });
    expect(build.nodes.map(({ opType }) => opType)).toEqual(['BatchNormalization', 'BatchNormalization']);
  });
});
