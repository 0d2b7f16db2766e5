import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EncodedTensor } from '../../../src/core/compression/encodings/encoded-tensor';
import type { AffineScheme, PaletteScheme, WeightScheme } from '../../../src/core/compression/encodings/scheme';
import { quantizeStatic, type StaticOptions } from '../../../src/core/compression/quantization/static';
import { layersOf } from '../../../src/core/analysis/layers';
import { formatOf, readModel } from '../../../src/core/formats';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { collect, floats, model, smallNetwork } from '../compression/models';
import { optimized, scratchFolder } from '../compression/running';
import { difference, outputs, random, samples, tensor } from './networks';

const SHAPE = [8, 6, 6];
const WEIGHTS = ['conv.weight', 'fc.weight', 'head.weight'];
const folder = scratchFolder();

const network = (): Model => model(smallNetwork((count, seed) => random(count, seed).map((each) => each ** 3 / 4)));
const feeds = { x: tensor([3, ...SHAPE], random(3 * 288, 50)) };

const options = (scheme: WeightScheme | null, change: Partial<StaticOptions> = {}): StaticOptions => ({
  calibration: samples(40, 'x', SHAPE, (index) => random(288, index)),
  granularity: 'channel',
  keep: [],
  samples: 40,
  reduceRange: false,
  context: quietContext(),
  ...(scheme === null ? {} : { weights: new Map(WEIGHTS.map((name) => [name, scheme])) }),
  ...change,
});

const affine = (bits: AffineScheme['bits'], change: Partial<AffineScheme> = {}): AffineScheme => ({
  kind: 'affine',
  bits,
  axis: 0,
  block: null,
  symmetric: true,
  scales: 'minmax',
  ...change,
});

const palette = (bits: number, change: Partial<PaletteScheme> = {}): PaletteScheme => ({
  kind: 'palette',
  bits,
  axis: null,
  groups: 1,
  method: 'kmeans',
  ...change,
});

async function codesOf(encoded: EncodedTensor | undefined): Promise<{ codes: Int8Array; scale: Float32Array }> {
  if (encoded?.kind !== 'affine') throw new Error('weights of integer kernels are affine');
  const bytes = await collect(encoded.codes);
  const { scale } = await encoded.scales();
  return { codes: new Int8Array(bytes.buffer), scale };
}

async function fileSize(given: Model, name: string): Promise<number> {
  const file = `${folder}/${name}.onnx`;
  await formatOf('onnx').write(given, file, { context: quietContext() });
  return statSync(file).size;
}

function originalValues(name: string): Float32Array {
  const { data } = network().graph.weights.get(name) ?? {};
  return floats(Uint8Array.from(data?.kind === 'bytes' ? data.bytes : []));
}

describe('weights of few bits with 8-bit activations', () => {
  it.each([
    ['4 bits a channel', affine(4)],
    ['3 bits a channel', affine(3, { scales: 'mse' })],
    ['4 bits a tensor', affine(4, { axis: null })],
    ['a palette of 16', palette(4)],
    ['a palette of 8, half of the weights left out', palette(3, { sparsity: 0.5 })],
    ['4 bits, half of the weights left out', affine(4, { sparsity: 0.5 })],
    ['8 bits, most of the weights left out', affine(8, { sparsity: 0.8 })],
  ])('%s: the same integer kernels, and a smaller file', async (label, scheme) => {
    const plain = await quantizeStatic(network(), options(null));
    const { model: result } = await quantizeStatic(network(), options(scheme));
    const kernels = (await optimized(plain.model, folder)).operators;
    expect(kernels).toContain('QLinearConv');
    expect((await optimized(result, folder)).operators).toEqual(kernels);
    const name = label.replaceAll(/\W+/g, '-');
    expect(await fileSize(result, name)).toBeLessThan(await fileSize(plain.model, `${name}.plain`));
  });

  it.each([4, 3, 2] as const)('%i bits: codes are rounded weights', async (bits) => {
    const { tensors } = await quantizeStatic(network(), options(affine(bits)));
    const highest = 2 ** (bits - 1) - 1;
    for (const name of WEIGHTS) {
      const { codes, scale } = await codesOf(tensors.get(name));
      const values = originalValues(name);
      // Rows of `conv` and `fc` are outputs, columns of `head` are.
      const channelOf = (at: number): number =>
        name === 'head.weight' ? at % 40 : Math.floor(at / (values.length / scale.length));
      codes.forEach((code, at) => {
        const exact = (values[at] ?? NaN) / (scale[channelOf(at)] ?? NaN);
        expect(Math.abs(code)).toBeLessThanOrEqual(highest);
        expect(Math.abs(code - Math.max(-highest, Math.min(highest, exact)))).toBeLessThanOrEqual(0.5001);
      });
    }
  });

  it.each([4, 3] as const)('%i bits: the file reads back as layers with such weights', async (bits) => {
    const { model: result } = await quantizeStatic(network(), options(affine(bits)));
    const file = `${folder}/read-back-${bits}.onnx`;
    await formatOf('onnx').write(result, file, { context: quietContext() });
    const layers = layersOf(await readModel(file));
    for (const name of WEIGHTS) {
      const weight = layers
        .find((layer) => `${layer.name}.weight` === name)
        ?.weights.find(({ role }) => role === 'weight');
      expect(weight?.encoding, name).toMatchObject({ kind: 'affine', bits, axis: name === 'head.weight' ? 1 : 0 });
    }
  });

  it('a palette has as many codes as entries', async () => {
    const { tensors } = await quantizeStatic(network(), options(palette(3)));
    for (const name of WEIGHTS) {
      const { codes, scale } = await codesOf(tensors.get(name));
      expect(new Set(codes).size).toBeLessThanOrEqual(8);
      expect(scale).toHaveLength(1);
    }
  });

  it('leaves the share out that was asked for', async () => {
    const { tensors } = await quantizeStatic(network(), options(affine(8, { sparsity: 0.75 })));
    for (const name of WEIGHTS) {
      const { codes } = await codesOf(tensors.get(name));
      const zeros = codes.filter((code) => code === 0).length / codes.length;
      expect(zeros).toBeGreaterThanOrEqual(0.75);
    }
  });

  it('takes scales that a repair pass gives', async () => {
    const scale = new Float32Array(16).fill(0.05);
    const given = affine(4, { given: { scale, zeroPoint: null } });
    const weights = new Map([['conv.weight', given]]);
    const { tensors } = await quantizeStatic(network(), options(null, { weights }));
    expect((await codesOf(tensors.get('conv.weight'))).scale).toEqual(scale);
    expect((await codesOf(tensors.get('fc.weight'))).codes.some((code) => Math.abs(code) === 127)).toBe(true);
  });

  it('keeps layers float whose weights are dense', async () => {
    const weights = new Map([['fc.weight', { kind: 'dense', dtype: 'float32' } as const]]);
    const { model: result } = await quantizeStatic(network(), options(null, { weights }));
    expect(result.graph.weights.get('fc.weight')?.dtype).toBe('float32');
    expect((await optimized(result, folder)).operators).toContain('Gemm');
  });

  it('stays close to the float model with 6 bits', async () => {
    const { model: result, reference } = await quantizeStatic(network(), options(affine(6)));
    expect(difference(await outputs(reference, feeds), await outputs(result, feeds))).toBeLessThan(0.1);
  });

  it.each([
    ['blocks', affine(4, { block: 32 }), 'Weights in blocks of 32 (conv)'],
    ['zero points', affine(4, { symmetric: false }), 'Weights with zero points (conv)'],
  ])('refuses %s in a sentence', async (_, scheme, sentence) => {
    const refused = quantizeStatic(network(), options(scheme));
    await expect(refused).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(refused).rejects.toThrow(sentence);
  });
});
