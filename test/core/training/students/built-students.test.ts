import { describe, expect, it } from 'vitest';
import { newNode } from '../../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../../src/core/compression/graph/new-weights';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { elementsOf, type Model, type Node } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { studentSchema, type StudentStep } from '../../../../src/core/recipe/student.schema';
import { trainSchema } from '../../../../src/core/recipe/train.schema';
import { openSession } from '../../../../src/core/runtime/session';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { studentOf } from '../../../../src/core/training/students/student-of';
import { trainModel } from '../../../../src/core/training/train-model';
import { EMPTY_GRAPH } from '../../../../src/core/training/training-graph';
import { seeded } from '../gradients/check';
import { pointSet, smallNetwork } from '../small-network';

const CONTEXT = { job: quietContext(), file: '"built.onnx"' };
const WIDTH = 8;
const transB = { transB: { kind: 'int', value: 1 } } as const;

/** Points to two classes by way of `blocks` residual blocks of one shape. */
function residualNetwork(blocks: number): Model {
  const random = seeded(4);
  const weights = new Map<string, ReturnType<typeof float32Weight>>();
  const weight = (name: string, shape: readonly number[]): string => {
    const values = Float32Array.from({ length: elementsOf(shape) }, () => random() - 0.5);
    weights.set(name, float32Weight(name, shape, values));
    return name;
  };
  const gemm = (input: string, name: string, from: number, to: number): Node => ({
    ...newNode('Gemm', [input, weight(`${name}.weight`, [to, from]), weight(`${name}.bias`, [to])], [name], transB),
    name,
  });
  const nodes: Node[] = [gemm('points', 'stem', 2, WIDTH)];
  let stream = 'stem';
  for (let block = 0; block < blocks; block++) {
    const at = `block${block}`;
    nodes.push(
      gemm(stream, `${at}.up`, WIDTH, 2 * WIDTH),
      newNode('Relu', [`${at}.up`], [`${at}.active`]),
      gemm(`${at}.active`, `${at}.down`, 2 * WIDTH, WIDTH),
      newNode('Add', [stream, `${at}.down`], [`${at}.sum`]),
    );
    stream = `${at}.sum`;
  }
  nodes.push(gemm(stream, 'scores', WIDTH, 2));
  const value = (name: string) => ({ name, type: { dtype: 'float32', shape: ['batch', 2] } }) as const;
  return {
    ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
    ...{ functions: [], files: [] },
    graph: { ...EMPTY_GRAPH, nodes, inputs: [value('points')], outputs: [value('scores')], weights },
  };
}

const shapesOf = ({ graph }: Model): Record<string, string> =>
  Object.fromEntries([...graph.weights].map(([name, { shape }]) => [name, shape.join('x')]));

const made = (model: Model, step: StudentStep): Promise<Model> => studentOf(model, studentSchema.parse(step), CONTEXT);

async function scoresOf(model: Model): Promise<number[]> {
  const { inputs } = await pointSet(8, 1).batch([0, 1, 2, 3, 4, 5, 6, 7]);
  const session = await openSession(await encodeOnnx(model), { threads: 1 });
  try {
    return Array.from((await session.run(inputs)).scores?.data ?? [], Number);
  } finally {
    await session.close();
  }
}

const learns = (model: Model) => {
  const step = trainSchema.parse({ epochs: 8, batch: 64, rate: 0.01, threads: 1 });
  const data = { train: pointSet(512, 2), selection: pointSet(256, 3) };
  return trainModel({ model, file: 'built.onnx', step, loss: crossEntropy(), ...data, context: quietContext() });
};

describe('a narrower student', () => {
  it('loses the same channels wherever a residual sum joins them', async () => {
    const student = await made(residualNetwork(2), { width: 0.5 });
    expect(shapesOf(student)).toMatchObject({
      ...{ 'stem.weight': '4x2', 'block0.up.weight': '8x4', 'block0.down.weight': '4x8', 'scores.weight': '2x4' },
      ...{ 'stem.bias': '4', 'block1.up.bias': '8', 'scores.bias': '2' },
    });
    expect(await scoresOf(student)).toHaveLength(16);
  });

  it('answers as the model where what it leaves out was nothing', async () => {
    const model = smallNetwork(8);
    const zeroed = Float32Array.from({ length: 16 }, (_, index) => (index % 4 < 2 ? index / 10 + 0.1 : 0));
    const weights = new Map(model.graph.weights);
    weights.set('first.weight', float32Weight('first.weight', [8, 2], zeroed));
    weights.set('first.bias', float32Weight('first.bias', [8], Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0)));
    const sparse = { ...model, graph: { ...model.graph, weights } };
    const student = await made(sparse, { width: 0.5 });
    expect(shapesOf(student)['first.weight']).toBe('4x2');
    const whole = await scoresOf(sparse);
    (await scoresOf(student)).forEach((value, index) => {
      expect(value).toBeCloseTo(whole[index] ?? NaN, 5);
    });
  });

  it('is refused where inputs and outputs are all there is', async () => {
    const { graph, ...rest } = smallNetwork(2);
    const only = newNode('Gemm', ['points', 'first.weight', 'first.bias'], ['scores'], transB);
    await expect(made({ ...rest, graph: { ...graph, nodes: [only] } }, { width: 0.5 })).rejects.toThrow(
      'No layer of "built.onnx" can be made narrower by 0.5. Use a smaller width, or make it shallower or of lower rank.',
    );
  });
});

describe('a shallower student', () => {
  it('keeps every second block, and the names of what stays', async () => {
    const student = await made(residualNetwork(4), { depth: 0.5 });
    expect(student.graph.nodes.filter(({ opType }) => opType === 'Gemm').map(({ name }) => name)).toEqual([
      ...['stem', 'block0.up', 'block0.down', 'block2.up', 'block2.down', 'scores'],
    ]);
    expect(await scoresOf(student)).toHaveLength(16);
  });

  it('is refused where there are no blocks', async () => {
    await expect(made(smallNetwork(8), { depth: 0.5 })).rejects.toThrow(
      /"built.onnx" has no residual blocks that could be/,
    );
  });
});

describe('a student of low rank', () => {
  it('has two layers of the rank for one, the bias in the second', async () => {
    const student = await made(residualNetwork(1), { rank: 2 });
    expect(shapesOf(student)).toMatchObject({ 'block0.up.weight.low': '2x8', 'block0.up.weight.high': '16x2' });
    expect(shapesOf(student)).not.toHaveProperty('block0.up.weight');
    expect(await scoresOf(student)).toHaveLength(16);
  });

  it('keeps what would not become smaller', async () => {
    const model = residualNetwork(1);
    expect(shapesOf(await made(model, { rank: 7 }))).toEqual(shapesOf(model));
  });
});

describe('a student that shares weights', () => {
  it('reads the first block everywhere, and trains: gradients of all blocks add up', async () => {
    const student = await made(residualNetwork(3), { share: true });
    expect(student.graph.nodes).toHaveLength(residualNetwork(3).graph.nodes.length);
    expect(Object.keys(shapesOf(student)).filter((name) => name.startsWith('block'))).toEqual([
      ...['block0.up.weight', 'block0.up.bias', 'block0.down.weight', 'block0.down.bias'],
    ]);
    const { outcome, values } = await learns(student);
    expect(values.has('block0.up.weight')).toBe(true);
    expect(outcome.bestValue).toBeGreaterThan(0.85);
  });
});

describe('a step that makes a student', () => {
  it('names at least one way', () => {
    expect(studentSchema.safeParse({}).success).toBe(false);
    expect(studentSchema.safeParse({ width: 2 }).success).toBe(false);
  });

  it('takes several ways at once, and what comes out trains', async () => {
    const student = await made(residualNetwork(4), { depth: 0.5, width: 0.5, share: true });
    expect(Object.keys(shapesOf(student))).toHaveLength(8);
    expect((await learns(student)).outcome.bestValue).toBeGreaterThan(0.6);
  });
});
