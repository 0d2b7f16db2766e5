import { describe, expect, it } from 'vitest';
import { denseTensor } from '../../../src/core/compression/encodings/dense';
import type { DenseTensor } from '../../../src/core/compression/encodings/encoded-tensor';
import { denseValues } from '../../../src/core/compression/encodings/stored';
import { quantizeStatic, type StaticOptions } from '../../../src/core/compression/quantization/static';
import { preparedModel } from '../../../src/core/compression/quantization/static/preparation';
import type { DataSet } from '../../../src/core/evaluation/data';
import { computeInHalf } from '../../../src/core/formats/onnx/store/half-precision';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../src/core/kernels';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { fromFloat16, toFloat16 } from '../../../src/core/model/float16';
import { initializer, model, node, smallNetwork, value } from '../compression/models';
import { optimized, scratchFolder } from '../compression/running';
import { difference, outputs, random, samples, tensor } from './networks';

const SHAPE = [8, 6, 6];
const folder = scratchFolder();

const network = (): Model => model(smallNetwork((count, seed) => random(count, seed).map((each) => each / 4)));

/** The network as `--compute float16` writes it. */
async function inHalf(ends: 'float32' | 'float16'): Promise<Model> {
  const given = network();
  const kernels = await loadKernels();
  const reader = await openWeights(given);
  const halves = [...given.graph.weights.values()].map((weight): [string, DenseTensor] => [
    weight.name,
    denseTensor(kernels, weight.shape, () => denseValues(kernels, reader, weight), 'float16'),
  ]);
  return computeInHalf(given, new Map(halves), { ends });
}

/** Samples as a model takes them whose input is float16. */
function inHalfData(set: DataSet): DataSet {
  return {
    ...set,
    inputs: { x: { dtype: 'float16', shape: SHAPE } },
    batch: async (indices) => {
      const { x } = (await set.batch(indices)).inputs;
      if (x === undefined) throw new Error('there is an input x');
      return { inputs: { x: { ...x, dtype: 'float16', data: Uint16Array.from(x.data as Float32Array, toFloat16) } } };
    },
  };
}

const options = (calibration: DataSet): StaticOptions => ({
  calibration,
  granularity: 'channel',
  keep: [],
  samples: 40,
  reduceRange: false,
  context: quietContext(),
});

const calibration = samples(40, 'x', SHAPE, (index) => random(288, index));
const numbers = random(3 * 288, 50);

describe('static int8 of a model that computes in float16', () => {
  it('computes in integers between float32 ends', async () => {
    const { model: result } = await quantizeStatic(await inHalf('float32'), options(calibration));
    const feeds = { x: tensor([3, ...SHAPE], numbers) };
    expect(difference(await outputs(network(), feeds), await outputs(result, feeds))).toBeLessThan(0.05);
    const { operators } = await optimized(result, folder);
    expect(operators).toContain('QLinearConv');
    expect(operators).toContain('QGemm');
    expect([...result.graph.weights.values()].map(({ dtype }) => dtype)).not.toContain('float16');
  });

  it('takes and gives float16 where the model does', async () => {
    const { model: result } = await quantizeStatic(await inHalf('float16'), options(inHalfData(calibration)));
    const { inputs, outputs: given } = result.graph;
    expect([...inputs, ...given].map(({ type }) => type.dtype)).toEqual(['float16', 'float16']);
    const x = { dtype: 'float16', shape: [3, ...SHAPE], data: Uint16Array.from(numbers, toFloat16) } as const;
    const answers = (await outputs(result, { x })).map((bits) => bits.map(fromFloat16));
    expect(difference(await outputs(network(), { x: tensor([3, ...SHAPE], numbers) }), answers)).toBeLessThan(0.05);
    expect((await optimized(result, folder)).operators).toContain('QLinearConv');
  });
});

describe('a model that computes in bfloat16', () => {
  it('has float32 weights once it is prepared, exactly', async () => {
    const bits = new Uint16Array([0x3f80, 0xbf00, 0x4049, 0]);
    const prepared = await preparedModel(
      model({
        nodes: [
          node('Cast', ['x'], ['h'], { to: { kind: 'int', value: 16 } }),
          node('MatMul', ['h', 'w'], ['m']),
          node('Cast', ['m'], ['y'], { to: { kind: 'int', value: 1 } }),
        ],
        weights: [initializer('w', [2, 2], bits, 'bfloat16')],
        inputs: [value('x', ['n', 2])],
        outputs: [value('y', ['n', 2])],
      }),
    );
    const [y] = await outputs(prepared, { x: tensor([1, 2], Float32Array.of(1, 2)) });
    expect([...(y ?? [])]).toEqual([1 + 2 * 3.140625, -0.5]);
  });
});
