import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { readModel } from '../../../../src/core/formats';
import { elementsOf, type Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { openSession } from '../../../../src/core/runtime/session';
import { lowRank } from '../../../../src/core/training/students/low-rank';
import { studentOf } from '../../../../src/core/training/students/student-of';
import { hasShared, sharedPath } from '../../../shared';
import { seeded } from '../gradients/check';

const CONTEXT = { job: quietContext(), file: 'the model' };
const FILES = [
  'lenet5/lenet5.onnx',
  'mobilenet_small/mobilenet_small.onnx',
  'mobilenet_small/mobilenet_small.bn.onnx',
  'mobilenet_small/mobilenet_small.dynamo.onnx',
  'resnet14/resnet14.onnx',
  'resnet14/resnet14.bn.onnx',
  'resnet14/resnet14.dynamo.onnx',
  'vgg_small/vgg_small.onnx',
  'vgg_small/vgg_small.bn.onnx',
  'vit_tiny/vit_tiny.onnx',
  'vit_tiny/vit_tiny.dynamo.onnx',
];

/** Each network once, as the older exporter writes it. */
const FOLDED = FILES.filter((file) => !/[.](bn|dynamo)[.]/.test(file));

const parametersOf = ({ graph }: Model): number =>
  [...graph.weights.values()]
    .filter(({ dtype }) => dtype === 'float32')
    .reduce((sum, { shape }) => sum + elementsOf(shape), 0);

const random = seeded(1);
const PICTURES = Float32Array.from({ length: 3 * 28 * 28 }, () => random());

async function logitsOf(model: Model): Promise<number[]> {
  const session = await openSession(await encodeOnnx(model), { threads: 1 });
  try {
    const name = session.inputs[0]?.name ?? '';
    const answers = await session.run({ [name]: { dtype: 'float32', shape: [3, 1, 28, 28], data: PICTURES } });
    const [logits] = Object.values(answers);
    expect(logits?.shape).toEqual([3, 10]);
    return Array.from(logits?.data ?? [], Number);
  } finally {
    await session.close();
  }
}

describe.skipIf(!hasShared('Students of the reference networks', 'zoo'))('students of the reference networks', () => {
  const modelOf = (file: string): Promise<Model> => readModel(sharedPath('zoo', file));

  it.each(FILES)('%s of half the width runs, with about a quarter of the weights', async (file) => {
    const model = await modelOf(file);
    const student = await studentOf(model, { width: 0.5 }, CONTEXT);
    expect((await logitsOf(student)).every(Number.isFinite)).toBe(true);
    const share = parametersOf(student) / parametersOf(model);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.36);
  });

  it.each(FILES)('%s of the whole width is the model', async (file) => {
    const model = await modelOf(file);
    expect(await studentOf(model, { width: 1 }, CONTEXT)).toBe(model);
  });

  it.each(['resnet14/resnet14.onnx', 'mobilenet_small/mobilenet_small.onnx', 'vit_tiny/vit_tiny.onnx'])(
    '%s of half the depth runs, with fewer layers of the same names',
    async (file) => {
      const model = await modelOf(file);
      const student = await studentOf(model, { depth: 0.5 }, CONTEXT);
      await logitsOf(student);
      expect(parametersOf(student)).toBeLessThan(parametersOf(model));
      const names = new Set(model.graph.nodes.map(({ name }) => name));
      expect(student.graph.nodes.every(({ name }) => names.has(name))).toBe(true);
    },
  );

  it.each(['resnet14/resnet14.onnx', 'vit_tiny/vit_tiny.onnx'])('%s shares weights of equal layers', async (file) => {
    const model = await modelOf(file);
    const student = await studentOf(model, { share: true }, CONTEXT);
    await logitsOf(student);
    expect(student.graph.nodes).toHaveLength(model.graph.nodes.length);
    expect(parametersOf(student)).toBeLessThan(parametersOf(model));
  });

  it.each(FOLDED)('%s of full rank gives the same answers', async (file) => {
    const model = await modelOf(file);
    const whole = await lowRank(model, { rank: 10_000, evenIfLarger: true }, CONTEXT.job);
    expect(whole.graph.nodes.length).toBeGreaterThan(model.graph.nodes.length);
    const [own, factored] = [await logitsOf(model), await logitsOf(whole)];
    own.forEach((value, index) => {
      expect(Math.abs((factored[index] ?? NaN) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
    });
  });

  it.each(FOLDED)('%s of most of its energy is smaller', async (file) => {
    const model = await modelOf(file);
    const student = await studentOf(model, { rank: 0.6 }, CONTEXT);
    await logitsOf(student);
    expect(parametersOf(student)).toBeLessThan(parametersOf(model));
  });
});
