import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AwareOptions } from '../../../../src/core/recipe/train.schema';
import { scratchFolder } from '../../compression/running';
import { pictureNetwork, stripes } from '../picture-network';
import { accuracyOf, agreementOf, answersOf, trainedAware } from './exported';

const folder = scratchFolder();
const SETS = { train: stripes(640, 1), test: stripes(1000, 2) };
const AS_WRITTEN = { configuration: { 'session.disable_quant_qdq': '1' } };

type Case = readonly [name: string, options: Partial<AwareOptions>];

const WEIGHTS: readonly Case[] = [
  ['4 bits by channel', { weights: 'int4' }],
  ['4 bits by tensor', { weights: 'int4', granularity: 'tensor' }],
  ['2 bits by channel', { weights: 'int2' }],
  ['ternary', { weights: 'ternary', ends: 'same' }],
  ['binary', { weights: 'binary' }],
  ['binary by tensor', { weights: 'binary', granularity: 'tensor', ends: 'float32' }],
];

describe('a file with weights of few bits', () => {
  it.each([...WEIGHTS, ['3 bits by DoReFa', { weights: 'int3', method: 'dorefa' }]] as const)(
    'answers every picture as training did: %s',
    async (name, options) => {
      const file = path.join(folder, `weights ${name}.onnx`);
      const { trained } = await trainedAware(pictureNetwork({ negativeScales: true }), options, SETS, file);
      const [before, after] = [await answersOf(trained, SETS.test), await answersOf(file, SETS.test)];
      expect(agreementOf(after, before)).toMatchObject({ exact: true, same: SETS.test.length });
      expect(accuracyOf(after, SETS.test)).toBeGreaterThan(0.4);
    },
  );
});

describe('a file whose 8-bit last layer the runtime could multiply by codes', () => {
  it('has it computed when it is loaded, and answers as training did to the last bit', async () => {
    const file = path.join(folder, 'set 21.onnx');
    const network = {
      ...pictureNetwork({ negativeScales: true }),
      formatVersion: 'IR 10',
      opsets: new Map([['', 21]]),
    };
    const { trained } = await trainedAware(network, { weights: 'binary' }, SETS, file);
    const [before, after] = [await answersOf(trained, SETS.test), await answersOf(file, SETS.test)];
    expect(agreementOf(after, before)).toMatchObject({ exact: true, same: SETS.test.length });
  });
});

const ACTIVATIONS: readonly Case[] = [
  ...WEIGHTS.map(([name, options]): Case => [`${name}, 8-bit activations`, { ...options, activations: 'uint8' }]),
  ['2 bits, 4-bit activations', { weights: 'int2', activations: 'uint4' }],
  ['4 bits, 6-bit activations, running ranges', { weights: 'int4', activations: 'uint6', method: 'ranges' }],
  ['4 bits, 5-bit activations by PACT', { weights: 'int4', activations: 'uint5', method: 'pact' }],
  ['activations alone', { activations: 'uint8' }],
];

describe('a file with activations of few bits', () => {
  it.each(ACTIVATIONS)('answers as training did, %s', async (name, options) => {
    const file = path.join(folder, `activations ${name}.onnx`);
    const { trained } = await trainedAware(pictureNetwork({ negativeScales: true }), options, SETS, file);
    const before = await answersOf(trained, SETS.test);
    const plain = agreementOf(await answersOf(file, SETS.test, AS_WRITTEN), before);
    const fused = agreementOf(await answersOf(file, SETS.test), before);
    expect(plain).toMatchObject({ exact: true, same: plain.of });
    expect(fused.same / fused.of).toBeGreaterThanOrEqual(0.997);
    expect(fused.farthest).toBeLessThanOrEqual(2);
  });

  it.each([
    ['a layer as product and addition', { product: true }],
    ['layers that share a weight', { shared: true }],
  ] as const)('also with %s', async (name, network) => {
    const file = path.join(folder, `${name}.onnx`);
    const options = { weights: 'int2', activations: 'uint8' } as const;
    const { trained } = await trainedAware(pictureNetwork(network), options, SETS, file);
    const before = await answersOf(trained, SETS.test);
    const plain = agreementOf(await answersOf(file, SETS.test, AS_WRITTEN), before);
    const fused = agreementOf(await answersOf(file, SETS.test), before);
    expect(plain).toMatchObject({ exact: true, same: plain.of });
    expect(fused.same / fused.of).toBeGreaterThanOrEqual(0.997);
  });
});
