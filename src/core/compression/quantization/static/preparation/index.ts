import { indexGraph } from '../../../../analysis/graph-order';
import { EdgewiseError } from '../../../../errors';
import { loadKernels } from '../../../../kernels';
import { openWeights, type WeightReader } from '../../../../formats/weight-reader';
import type { Model } from '../../../../model/model';
import { foldBatchNormalization } from '../../../folding/batch-normalization';
import { raiseOpset } from '../../../graph/opset/raise';
import { ranksOf } from '../../../graph/opset/ranks';
import { takeInBiases } from './constant-bias';
import { constantsToWeights } from './constants';
import { computeInFull } from './full-precision';
import { hardSwishAsProducts } from './hard-swish';
import { dropPassThrough } from './pass-through';
import { plainGemms } from './plain-gemm';
import { widenWeights } from './stored-weights';
import { spatialMeansAsPools } from './spatial-mean';
import { liftWeights } from './subgraph-weights';

/**
 * A float model that computes the same, in float32, and is ready for QDQ: operator set 13 or later, weights as float32
 * initializers, nothing between a layer and its bias, batch normalization folded. `reader` may close after the weights
 * of the result were read.
 * @throws EdgewiseError `malformed` for a graph with a cycle, `unsupported` naming an operator that is too old.
 */
export async function prepare(model: Model, reader: WeightReader): Promise<Model> {
  return foldBatchNormalization(await prepareUnfolded(model, reader), reader);
}

/** `prepare` with batch normalization left where it is: for training, which needs it. */
export async function prepareUnfolded(model: Model, reader: WeightReader): Promise<Model> {
  if (indexGraph(model.graph).cyclic) {
    const file = model.files[0]?.path;
    throw new EdgewiseError(
      'malformed',
      'The graph has a cycle, so it cannot be run. Export the model again.',
      file === undefined ? {} : { file },
    );
  }
  const kernels = await loadKernels();
  const full = await computeInFull(model, reader, kernels);
  const plain = await widenWeights(dropPassThrough(constantsToWeights(liftWeights(full))), reader, kernels);
  const raised = raiseOpset(plain, ranksOf(plain));
  const pooled = hardSwishAsProducts(spatialMeansAsPools(raised, ranksOf(raised)));
  return takeInBiases(await plainGemms(pooled, reader), ranksOf(raised));
}

/**
 * `prepare`, where other passes come before quantization: codes that they choose for weights are those of the weights
 * that are stored, since nothing is folded into these any more.
 * @throws EdgewiseError as `prepare`
 */
export async function preparedModel(model: Model): Promise<Model> {
  const reader = await openWeights(model);
  try {
    return await prepare(model, reader);
  } finally {
    await reader.close();
  }
}
