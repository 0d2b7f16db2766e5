import type { WeightReader } from '../../formats/weight-reader';
import { loadKernels } from '../../kernels';
import type { Model, Weight } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import { encodeWeight } from '../encodings/encode';
import type { EncodedTensor } from '../encodings/encoded-tensor';
import type { WeightPlan, WeightScheme } from '../encodings/scheme';
import { denseValues } from '../encodings/stored';

export interface EncodeWeightsOptions {
  readonly signal?: AbortSignal;
  /** Gets a sentence for a weight with values that its encoding cannot hold, once it has been written. */
  readonly warn?: (sentence: string) => void;
}

/**
 * The weights of a plan as encoded tensors, by name. Most are read only while they are written, so that `weights` must
 * stay open until then; what sparse tensors leave out is looked for here.
 * @throws EdgewiseError `unsupported` where a scheme does not go with a weight, `cancelled`, `changed`
 */
export async function encodeWeights(
  model: Model,
  weights: WeightReader,
  plan: WeightPlan,
  { signal, warn }: EncodeWeightsOptions = {},
): Promise<Map<string, EncodedTensor>> {
  const kernels = await loadKernels();
  const tensorOf = weightsByName(model);
  const tensors = new Map<string, EncodedTensor>();
  for (const [name, scheme] of plan) {
    const weight = tensorOf(name);
    if (weight === undefined) continue;
    if (signal) throwIfCancelled(signal);
    const said = new Set<string>();
    const onNonFinite = (count: number): void => {
      const sentence = notHeldSentence(name, scheme, count);
      // Values run through again where both forms of a file are made of them.
      if (!said.has(sentence)) warn?.(sentence);
      said.add(sentence);
    };
    const open = () => denseValues(kernels, weights, weight);
    const options = signal === undefined ? { onNonFinite } : { onNonFinite, signal };
    tensors.set(name, await encodeWeight(kernels, weight.shape, open, scheme, options));
  }
  return tensors;
}

/** The tensor that the model's own graph holds under a name: an initializer, or a `Constant` node's. */
export function weightsByName({ graph }: Model): (name: string) => Weight | undefined {
  const constants = new Map<string, Weight>();
  for (const node of graph.nodes) {
    const value = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
    if (value?.kind === 'tensor') constants.set(node.outputs[0] ?? '', value.value);
  }
  return (name) => graph.weights.get(name) ?? constants.get(name);
}

function notHeldSentence(name: string, scheme: WeightScheme, count: number): string {
  const values = count === 1 ? '1 value' : `${count.toLocaleString('en-US')} values`;
  if (scheme.kind === 'dense') {
    const largest = scheme.dtype === 'float16' ? '65,504' : 'it';
    return `${values} of "${name}" beyond the largest ${scheme.dtype} became ${largest}. Keep that layer if its accuracy matters.`;
  }
  const code = scheme.kind === 'palette' ? 'in a palette' : `an int${scheme.bits} code`;
  return `${values} of "${name}" cannot be ${code}: NaN became 0, infinities the largest value. Check the training of that layer.`;
}
