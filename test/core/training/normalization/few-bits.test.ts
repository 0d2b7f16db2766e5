import { beforeAll, describe, expect, it } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import { foldBatchNormalization } from '../../../../src/core/compression/folding/batch-normalization';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import type { Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { trainSchema } from '../../../../src/core/recipe/train.schema';
import { evaluationModel } from '../../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { exportFolded } from '../../../../src/core/training/normalization/folded-export';
import { insertedForStep } from '../../../../src/core/training/normalization/for-step';
import { awareTransform } from '../../../../src/core/training/quantization/aware-transform';
import { prepareAware } from '../../../../src/core/training/quantization/prepare-aware';
import { trainModel } from '../../../../src/core/training/train-model';
import { pictureNetwork, stripes } from '../picture-network';
import { agreementOf, answersOf } from '../quantization/exported';
import { trainedBy } from '../trained-by-step';

const SET = stripes(640, 1);
const STEP = { normalization: 'inserted', epochs: 6, batch: 64, rate: 0.02, threads: 1 } as const;

describe('weights of few bits, with batch normalization that stands there only while they learn', () => {
  let folded: Model;
  beforeAll(async () => {
    const model = pictureNetwork();
    const reader = await openWeights(model);
    folded = await foldBatchNormalization(model, reader);
    await reader.close();
  });

  const parts = (model: Model): string[] => layersOf(model).map(({ name, node }) => `${name} ${node.opType}`);

  it.each(['int4', 'int2', 'ternary', 'binary'] as const)(
    '%s are stored as they learned, under the original names',
    async (weights) => {
      const step = trainSchema.parse({ ...STEP, quantize: { weights } });
      const [job, file] = [quietContext(), 'net.onnx'];
      const inserted = await insertedForStep(folded, step, { data: SET, file, job, warn: () => undefined });
      if (!inserted || !step.quantize) throw new Error('nothing was inserted');
      const aware = await prepareAware({
        ...{ model: inserted.model, options: step.quantize, calibration: SET, file, context: job },
      });
      const transforms = [awareTransform(aware.plan)];
      const { values } = await trainModel({
        ...{ model: aware.model, file, step, loss: crossEntropy(), transforms, train: SET, selection: null },
        ...{ still: inserted.biases, context: job },
      });
      const closers: (() => Promise<void>)[] = [];
      const whenWritten = (close: () => Promise<void>): number => closers.push(close);
      const { model } = await exportFolded({ aware, values, calibration: SET, context: job, whenWritten });
      const answers = await answersOf(model, SET);
      for (const close of closers) await close();
      const twin = await answersOf(evaluationModel(aware.model, values, transforms), SET);
      expect(agreementOf(answers, twin)).toMatchObject({ same: SET.length });
      expect(parts(model)).toEqual(parts(folded));
    },
  );

  it.each([{ weights: 'int4' }, { weights: 'int4', activations: 'uint8' }])(
    'are what a step of a recipe gives: %o',
    async (quantize) => {
      const { model, warnings } = await trainedBy(folded, { ...STEP, quantize }, SET);
      expect(model.graph.nodes.filter(({ opType }) => opType === 'BatchNormalization')).toEqual([]);
      expect(warnings.join('\n')).toMatch(/stood behind 4 convolutions/);
    },
  );
});
