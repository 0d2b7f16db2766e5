import { describe, expect, it } from 'vitest';
import { newNode } from '../../../../src/core/compression/graph/new-nodes';
import type { Dimension, Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { distilSchema } from '../../../../src/core/recipe/train.schema';
import { boundHints } from '../../../../src/core/training/distillation/hints';
import { meanScores } from '../../../../src/core/training/distillation/mean-answers';
import { openTeacher, type BoundTeacher } from '../../../../src/core/training/distillation/teacher';
import { checkTeacher } from '../../../../src/core/training/distillation/teacher-binding';
import { pointSet, smallNetwork } from '../small-network';

/** The small network with another input: its name, its shape. */
function withInput(model: Model, name: string, shape: readonly Dimension[]): Model {
  const { graph } = model;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (input === 'points' ? name : input)),
  }));
  return { ...model, graph: { ...graph, nodes, inputs: [{ name, type: { dtype: 'float32', shape } }] } };
}

function withSoftmax(model: Model): Model {
  const { graph } = model;
  const nodes = [...graph.nodes, newNode('Softmax', ['scores'], ['probabilities'])];
  const outputs = [{ name: 'probabilities', type: { dtype: 'float32', shape: ['batch', 2] } } as const];
  return { ...model, graph: { ...graph, nodes, outputs } };
}

async function answersOf(teachers: readonly BoundTeacher[], samples: number, temperature: number | null = 4) {
  const { inputs } = await pointSet(64, 1).batch(Array.from({ length: samples }, (_, index) => index));
  const teacher = await openTeacher(teachers, { hints: ['active'], temperature, threads: 1, job: quietContext() });
  try {
    return await teacher.answers(Object.values(inputs));
  } finally {
    await teacher.close();
  }
}

const bound = (model: Model, batch: number | null = null): BoundTeacher => ({ model, file: 'teacher.onnx', batch });

describe('a teacher', () => {
  it('of another input name is bound by position', async () => {
    const model = smallNetwork(8);
    const renamed = withInput(model, 'x', ['batch', 2]);
    expect(checkTeacher(bound(renamed), model)).toBeNull();
    expect(await answersOf([bound(renamed)], 5)).toEqual(await answersOf([bound(model)], 5));
  });

  it('of a fixed batch is shown a batch in parts', async () => {
    const model = smallNetwork(8);
    const fixed = withInput(model, 'points', [4, 2]);
    const outputs = [{ name: 'scores', type: { dtype: 'float32', shape: [4, 2] } } as const];
    const teacher = { ...fixed, graph: { ...fixed.graph, outputs } };
    const batch = checkTeacher(bound(teacher), model);
    expect(batch).toBe(4);
    const [parts, whole] = [await answersOf([bound(teacher, batch)], 10), await answersOf([bound(model)], 10)];
    expect(parts.output.shape).toEqual([10, 2]);
    expect(parts.hints[0]?.shape).toEqual([10, 8]);
    parts.output.data.forEach((value, index) => {
      expect(Number(value)).toBeCloseTo(Number(whole.output.data[index]), 6);
    });
  });

  it('that ends in a softmax gives its scores', async () => {
    const model = smallNetwork(8);
    expect((await answersOf([bound(withSoftmax(model))], 5)).output).toEqual(
      (await answersOf([bound(model)], 5)).output,
    );
  });

  it('of several gives the scores that soften to the mean of their probabilities', () => {
    const scores = (values: readonly number[]) =>
      ({ dtype: 'float32', shape: [1, 2], data: Float32Array.from(values) }) as const;
    const mean = meanScores([scores([40, 0]), scores([0, 4])], 4);
    const soft = (values: readonly number[]): number => 1 / (1 + Math.exp(((values[1] ?? 0) - (values[0] ?? 0)) / 4));
    expect(soft([...mean.data].map(Number))).toBeCloseTo((soft([40, 0]) + soft([0, 4])) / 2, 6);
  });

  it.each([
    [
      withInput(smallNetwork(8), 'x', ['batch', 3]),
      /"teacher.onnx" takes 3 a sample as "x", and the student 2 as "points"/,
    ],
    [
      { ...smallNetwork(8), graph: { ...smallNetwork(8).graph, inputs: [] } },
      /takes 0 inputs and the student 1. Inputs are bound in their order/,
    ],
    [
      {
        ...smallNetwork(8),
        graph: {
          ...smallNetwork(8).graph,
          inputs: [{ name: 'points', type: { dtype: 'uint8', shape: ['batch', 2] } } as const],
        },
      },
      /takes uint8 as "points", and the student float32 as "points"/,
    ],
    [
      {
        ...smallNetwork(8),
        graph: {
          ...smallNetwork(8).graph,
          outputs: [{ name: 'scores', type: { dtype: 'float32', shape: ['batch', 10] } } as const],
        },
      },
      /gives 10 values a sample and the student 2. Use a teacher of the same classes/,
    ],
  ])('that does not fit is refused in a sentence', (teacher, sentence) => {
    expect(() => checkTeacher(bound(teacher), smallNetwork(4))).toThrow(sentence);
  });
});

describe('a hint', () => {
  const hintOf = (student: string, teacher: string) =>
    boundHints(
      distilSchema.parse({ teacher: 'self', hints: [{ student, teacher }] }),
      { model: smallNetwork(8), file: 'teacher.onnx' },
      smallNetwork(4),
    );

  it('names values or layers, of any width', () => {
    expect(hintOf('active', 'first')[0]).toMatchObject({ student: 'active', teacher: 'sums', shape: [1, 8] });
  });

  it('about nothing is refused by name', () => {
    expect(() => hintOf('nowhere', 'active')).toThrow(/The student has no value and no layer "nowhere"/);
    expect(() => hintOf('active', 'nowhere')).toThrow(/The teacher "teacher.onnx" has no value and no layer "nowhere"/);
  });
});
