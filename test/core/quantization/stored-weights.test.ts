import { describe, expect, it } from 'vitest';
import { halveWeights } from '../compression/weight-steps';
import { quantizeStatic, type StaticOptions } from '../../../src/core/compression/quantization/static';
import { quantizeWeights } from '../compression/weight-steps';
import { formatOf, readModel } from '../../../src/core/formats';
import { openWeights } from '../../../src/core/formats/weight-reader';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { initializer, int, model, node, smallNetwork, value } from '../compression/models';
import { optimized, scratchFolder } from '../compression/running';
import { difference, outputs, random, samples, tensor } from './networks';

const SHAPE = [8, 6, 6];
const folder = scratchFolder();

const options: StaticOptions = {
  calibration: samples(40, 'x', SHAPE, (index) => random(288, index)),
  granularity: 'channel',
  keep: [],
  samples: 40,
  reduceRange: false,
  context: quietContext(),
};

const feeds = { x: tensor([3, ...SHAPE], random(3 * 288, 50)) };

/** Weights of a scale that keeps activations within a few units. */
const network = (): Model => model(smallNetwork((count, seed) => random(count, seed).map((each) => each / 10)));

/** What one of our own passes makes of the network, written and read again. */
async function compressed(name: string, form: 'native' | 'unpacking'): Promise<Model> {
  const given = network();
  const weights = await openWeights(given);
  const tensors =
    name === 'float16'
      ? await halveWeights(given, weights)
      : await quantizeWeights(given, weights, { granularity: 'channel' });
  expect(tensors.size).toBeGreaterThan(1);
  const file = `${folder}/${name}.${form}.onnx`;
  await formatOf('onnx').write(formatOf('onnx').encodings.store(given, tensors, form), file, {
    context: quietContext(),
  });
  await weights.close();
  return readModel(file);
}

describe('static int8 of weights that are stored otherwise', () => {
  it.each([
    ['float16', 'native'],
    ['int8', 'native'],
    ['int8', 'unpacking'],
  ] as const)('our own %s weights, %s', async (name, form) => {
    const given = await compressed(name, form);
    const { model: result, warnings } = await quantizeStatic(given, options);
    expect(warnings).toEqual([]);
    const { operators } = await optimized(result, folder);
    const expected = ['QLinearConv', 'QGemm'];
    expect(operators).toEqual(expect.arrayContaining(expected));
    expect(operators.filter((each) => ['Conv', 'Gemm', 'MatMul', 'Cast'].includes(each))).toEqual([]);
    expect([...result.graph.weights.values()].filter(({ dtype }) => dtype === 'float16')).toEqual([]);
    expect(difference(await outputs(network(), feeds), await outputs(result, feeds))).toBeLessThan(0.03);
  });

  it('a float16 weight that something else reads as well keeps its numbers there', async () => {
    const cast = (from: string, to: string) => node('Cast', [from], [to], { to: int(1) });
    const given = model({
      nodes: [cast('half', 'w'), node('Conv', ['x', 'w'], ['y']), node('Mul', ['w', 'w'], ['z'])],
      weights: [initializer('half', [4, 8, 1, 1], new Uint16Array(32).fill(0x3800), 'float16')],
      inputs: [value('x', ['n', ...SHAPE])],
      outputs: [value('y', ['n', 4, 6, 6]), value('z', [4, 8, 1, 1])],
    });
    const { model: result, warnings } = await quantizeStatic(given, options);
    expect(warnings).toEqual([]);
    const [exact, rounded] = [await outputs(given, feeds), await outputs(result, feeds)];
    expect(rounded[1]).toEqual(exact[1]);
    expect(difference(exact, rounded)).toBeLessThan(0.05);
  });
});
