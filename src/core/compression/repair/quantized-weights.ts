import type { WeightReader } from '../../formats/weight-reader';
import { loadKernels } from '../../kernels';
import type { Model, Weight } from '../../model/model';
import { decode } from '../encodings';
import type { WeightPlan } from '../encodings/scheme';
import { encodeWeights } from '../quantization/encode-weights';

/**
 * The float32 weights of a plan as they will be once they are encoded and read back, by name. They are made when they
 * are read, so that `reader` must stay open until then.
 * @throws EdgewiseError `unsupported` where a scheme does not go with a weight, `cancelled`
 */
export async function quantizedWeights(
  model: Model,
  reader: WeightReader,
  plan: WeightPlan,
  signal: AbortSignal,
): Promise<Map<string, Weight>> {
  const kernels = await loadKernels();
  const floats = new Map([...plan].filter(([name]) => model.graph.weights.get(name)?.dtype === 'float32'));
  const encoded = await encodeWeights(model, reader, floats, { signal });
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of encoded) {
    const stream = decode(kernels, tensor);
    weights.set(name, { name, dtype: 'float32', shape: tensor.shape, data: { kind: 'stream', stream } });
  }
  return weights;
}
