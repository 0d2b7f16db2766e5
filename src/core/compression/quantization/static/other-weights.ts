import type { Layer, LayerWeight } from '../../../analysis/layers';
import { formatOf } from '../../../formats';
import type { WeightReader } from '../../../formats/weight-reader';
import { bitsOf, packedBytes } from '../../../model/dtype';
import { elementsOf, type ByteStream, type Model } from '../../../model/model';
import type { EncodedTensor, SparseTensor } from '../../encodings/encoded-tensor';
import type { WeightPlan, WeightScheme } from '../../encodings/scheme';
import { candidates } from '../candidates';
import { encodeWeights } from '../encode-weights';
import { schemeFor } from '../../encodings/step-scheme';

export interface OtherWeightsOptions {
  readonly granularity: 'channel' | 'tensor';
  /** Names of layers that stay as they are. */
  readonly keep: readonly string[];
  /** Schemes that were asked for; without one, every weight that multiplies becomes int8. */
  readonly plan: WeightPlan | undefined;
  readonly signal: AbortSignal;
}

/**
 * Weights that no integer kernel takes (recurrent layers, transposed convolutions, tables) in fewer bits: they compute
 * in float, and are stored as a step over weights alone would store them. Only where the file gets smaller by it. In
 * memory: `reader` may close.
 * @param taken names of weights that integer kernels take
 */
export async function otherWeights(
  model: Model,
  taken: ReadonlySet<string>,
  reader: WeightReader,
  options: OtherWeightsOptions,
): Promise<Map<string, EncodedTensor>> {
  const plan = new Map([...planOf(model, options)].filter(([name]) => !taken.has(name)));
  const { encodings } = formatOf(model.format);
  const held = new Map<string, EncodedTensor>();
  for (const [name, tensor] of await encodeWeights(model, reader, plan, { signal: options.signal })) {
    const before = packedBytes(model.graph.weights.get(name)?.dtype ?? 'float32', elementsOf(tensor.shape));
    if (encodings.bytes(model, name, tensor, 'unpacking') >= before) continue;
    held.set(name, await inMemory(tensor, options.signal));
  }
  return held;
}

function planOf(model: Model, { keep, plan, granularity }: OtherWeightsOptions): WeightPlan {
  const schemeIn = (weight: LayerWeight, { node }: Layer): WeightScheme | null => {
    const { role, shape, outputAxis, stored } = weight;
    const facts = { operator: node.opType, role, shape, outputAxis, bits: bitsOf(stored.dtype) };
    return plan === undefined ? schemeFor({ weights: 'int8', granularity }, facts) : (plan.get(weight.name) ?? null);
  };
  const kept = new Set(keep);
  const found = candidates(model, kept, (weight, layer) => schemeIn(weight, layer) !== null);
  return new Map(
    found.flatMap(({ name, weight, layers: [layer] }): [string, WeightScheme][] => {
      const scheme = layer === undefined ? null : schemeIn(weight, layer);
      return scheme === null ? [] : [[name, scheme]];
    }),
  );
}

async function inMemory(tensor: EncodedTensor, signal: AbortSignal): Promise<EncodedTensor> {
  return tensor.kind === 'sparse'
    ? { ...tensor, mask: await heldStream(tensor.mask, signal), values: await heldValues(tensor.values, signal) }
    : heldValues(tensor, signal);
}

async function heldValues(tensor: SparseTensor['values'], signal: AbortSignal): Promise<SparseTensor['values']> {
  switch (tensor.kind) {
    case 'dense':
      return { ...tensor, data: await heldStream(tensor.data, signal) };
    case 'affine': {
      const scales = await tensor.scales(signal);
      return { ...tensor, scales: () => Promise.resolve(scales), codes: await heldStream(tensor.codes, signal) };
    }
    case 'palette': {
      const table = await tensor.table(signal);
      return { ...tensor, table: () => Promise.resolve(table), codes: await heldStream(tensor.codes, signal) };
    }
  }
}

async function heldStream({ byteLength, chunks }: ByteStream, signal: AbortSignal): Promise<ByteStream> {
  const bytes = new Uint8Array(byteLength);
  let done = 0;
  for await (const chunk of chunks(signal)) {
    bytes.set(chunk, done);
    done += chunk.byteLength;
  }
  return {
    byteLength,
    chunks: async function* () {
      yield await Promise.resolve(bytes);
    },
  };
}
