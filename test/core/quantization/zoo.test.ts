import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatOf, readModel } from '../../../src/core/formats';
import { quietContext } from '../../../src/core/progress';
import { hasShared, sharedPath } from '../../shared';
import { optimized, scratchFolder } from '../compression/running';
import { chanceOfSoFew, fashionRoles, quantizeZoo, rightAnswers } from './fashion';

/** Below this, right answers are fewer than the Python tool's by more than chance: a one-sided test at 95 %. */
const SIGNIFICANT = 0.05;

/** How much worse than the float network a network may be, of 1. */
const FLOAT_BAR = 0.006;

/** With the names of the float file: the Python tool's has 93.7 KB. */
const MOBILENET_BYTES = 60_000;

/** The first convolution reads one channel: its float kernel is faster. */
const FLOAT_FIRST = 1;
const ALL_IMAGES = 10_000;
const SOME_IMAGES = 3_000;

/** Operators that an integer graph of these networks is made of; what else is float stays out of the convolutions. */
const NETWORKS = [
  { network: 'lenet5', convolutions: 2, products: 3, additions: 0, variants: ['', '.dynamo'] },
  { network: 'mobilenet_small', convolutions: 17, products: 1, additions: 3, variants: ['', '.bn', '.dynamo'] },
  { network: 'resnet14', convolutions: 15, products: 1, additions: 6, variants: ['', '.bn', '.dynamo'] },
  { network: 'vgg_small', convolutions: 5, products: 2, additions: 0, variants: ['', '.bn', '.dynamo'] },
  { network: 'vit_tiny', convolutions: 1, products: 1, additions: 0, variants: ['', '.dynamo'] },
];

const share = (right: Float64Array): number => right.reduce((sum, each) => sum + each, 0) / right.length;

const zooFile = (network: string, variant: string): string => sharedPath('zoo', network, `${network}${variant}.onnx`);

/** Ten thousand images through three models, on a machine that does other things too. */
const LONGEST_MS = 240_000;

const there = hasShared('Static int8 of the zoo', 'zoo') && hasShared('Static int8 of the zoo', 'data');

describe.skipIf(!there)('static int8 of the zoo, beside the Python tool’s', () => {
  const folder = scratchFolder();

  describe.each(NETWORKS)('$network', ({ network, variants, ...expected }) => {
    it.each(variants)(
      `${network}%s.onnx`,
      async (variant) => {
        const original = zooFile(network, variant);
        const python = zooFile(network, '.int8-qdq');
        const given = await readModel(original);
        const roles = await fashionRoles(
          original,
          sharedPath('data', 'fashion-mnist'),
          variant === '' ? ALL_IMAGES : SOME_IMAGES,
        );
        try {
          const { model, warnings } = await quantizeZoo(given, roles);
          expect(warnings).toEqual([
            expect.stringMatching(/^\S+ stays float: with so few inputs an output, the float kernel is faster\.$/),
          ]);

          const { operators } = await optimized(model, folder);
          const count = (operator: string): number => operators.filter((each) => each === operator).length;
          expect(count('QLinearConv')).toBe(expected.convolutions - FLOAT_FIRST);
          expect(count('QGemm')).toBe(expected.products);
          expect(count('QLinearAdd')).toBe(expected.additions);
          expect(count('Conv') + count('FusedConv')).toBe(FLOAT_FIRST);
          expect(count('Gemm') + count('FusedGemm')).toBe(0);
          if (network !== 'vit_tiny') expect(count('DequantizeLinear')).toBe(0);
          else expect(count('MatMulIntegerToFloat')).toBe(16);

          const output = `${folder}/${network}${variant}.int8.onnx`;
          await formatOf('onnx').write(model, output, { context: quietContext() });
          // The newer exporter's files carry stack traces and types in their metadata, which stay.
          if (network === 'mobilenet_small' && variant === '')
            expect(statSync(output).size).toBeLessThan(MOBILENET_BYTES);
          if (variant !== '.dynamo') expect(statSync(output).size).toBeLessThan(statSync(python).size);

          const ours = await rightAnswers(output, roles.test);
          expect(chanceOfSoFew(ours, await rightAnswers(python, roles.test))).toBeGreaterThan(SIGNIFICANT);
          // The variants hold the same network.
          if (variant !== '') return;
          expect(share(ours)).toBeGreaterThanOrEqual(share(await rightAnswers(original, roles.test)) - FLOAT_BAR);
        } finally {
          await roles.close();
        }
      },
      LONGEST_MS,
    );
  });
});
