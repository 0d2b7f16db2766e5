import { EdgewiseError } from '../../../errors';
import type { WeightReader } from '../../../formats/weight-reader';
import type { Node, Weight } from '../../../model/model';
import { loadKernels, type Kernels } from '../../../kernels';
import type { AffineTensor, EncodedTensor } from '../../encodings/encoded-tensor';
import type { WeightPlan, WeightScheme } from '../../encodings/scheme';
import { readFloats } from '../../graph/float-weights';
import type { ActivationParameters } from './activation-parameters';
import { biasCodes, biasScales, scalesThatHoldBias } from './bias-codes';
import { coarseCodes, isPlainInt8, WEIGHT_BITS } from './coarse-codes';
import type { LayerChoice } from './layers';
import type { QuantizationPlan } from './plan';
import { channelMagnitudes, REDUCED_WEIGHT_LIMIT, WEIGHT_LIMIT, weightCodes, weightScales } from './weight-codes';

/** A weight as codes. Layers that share weight and axis share this. */
export interface EncodedWeight {
  readonly weight: Weight;
  /** Null: one scale for the tensor. */
  readonly axis: number | null;
  readonly scales: Float32Array;
  readonly codes: Int8Array;
  /** The codes, taken as numbers, in fewer bits; null where they are not to be packed. */
  readonly packed: EncodedTensor | null;
  readonly layers: readonly Node[];
}

/** A bias as int32 codes with `input scale * weight scale`. */
export interface EncodedBias {
  readonly bias: Weight;
  /** One a channel, or one where the weight has one. */
  readonly scales: Float32Array;
  readonly codes: Int32Array;
}

export interface EncodedLayers {
  readonly weights: readonly EncodedWeight[];
  readonly biases: ReadonlyMap<Node, EncodedBias>;
}

export interface WeightEncodingOptions {
  readonly granularity: 'channel' | 'tensor';
  /** Schemes of single weights, which take precedence. */
  readonly weights: WeightPlan;
  readonly reduceRange: boolean;
  /** See `FloatWeight`. */
  readonly spreadTo?: number;
  /** Biases stay float: with finer steps of the input, int32 codes would overflow. */
  readonly floatBiases: boolean;
}

/**
 * Rounds the weights and biases of the plan's layers. `inputs` holds how each layer's input is stored.
 * @throws EdgewiseError `unsupported` naming the layer whose weights are not finite.
 */
export async function encodeLayers(
  plan: QuantizationPlan,
  inputs: (layer: Node) => ActivationParameters,
  reader: WeightReader,
  options: WeightEncodingOptions,
): Promise<EncodedLayers> {
  const weights: EncodedWeight[] = [];
  const biases = new Map<Node, EncodedBias>();
  const kernels = await loadKernels();
  for (const group of sharedWeights(plan, options)) {
    const found = options.floatBiases ? new Map<Node, FloatBias>() : await readBiases(group, reader);
    const encoded = await encodeWeight(group, found, inputs, { reader, kernels, options });
    weights.push(encoded);
    for (const [node, bias] of found) {
      const perChannel = encoded.scales.length > 1 ? bias.values.length : 1;
      const scales = biasScales(encoded.scales, perChannel, inputs(node).scale);
      const spread = biasScales(encoded.scales, bias.values.length, inputs(node).scale);
      biases.set(node, { bias: bias.weight, scales, codes: biasCodes(bias.values, spread) });
    }
  }
  return { weights, biases };
}

interface WeightGroup {
  readonly weight: Weight;
  readonly axis: number | null;
  readonly layers: [Node, LayerChoice][];
}

interface FloatBias {
  readonly weight: Weight;
  readonly values: Float32Array;
}

function sharedWeights(plan: QuantizationPlan, { granularity, weights }: WeightEncodingOptions): WeightGroup[] {
  const groups = new Map<string, WeightGroup>();
  for (const [node, choice] of plan.layers) {
    const scheme = weights.get(choice.weight.name);
    const perChannel = scheme === undefined ? granularity === 'channel' : hasChannels(scheme);
    const axis = perChannel ? choice.channelAxis : null;
    const key = `${axis ?? ''} ${choice.weight.name}`;
    const group = groups.get(key) ?? { weight: choice.weight, axis, layers: [] };
    group.layers.push([node, choice]);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A palette has one table, whose entries keep one scale. */
function hasChannels(scheme: WeightScheme): boolean {
  return scheme.kind === 'affine' && scheme.axis !== null;
}

async function readBiases(group: WeightGroup, reader: WeightReader): Promise<Map<Node, FloatBias>> {
  const found = new Map<Node, FloatBias>();
  for (const [node, { bias, name }] of group.layers) {
    if (bias === null) continue;
    const values = await readFloats(reader, bias);
    if (!values.every(Number.isFinite)) throw notFinite('biases', name);
    found.set(node, { weight: bias, values });
  }
  return found;
}

async function encodeWeight(
  { weight, axis, layers }: WeightGroup,
  biases: ReadonlyMap<Node, FloatBias>,
  inputs: (layer: Node) => ActivationParameters,
  { reader, kernels, options }: { reader: WeightReader; kernels: Kernels; options: WeightEncodingOptions },
): Promise<EncodedWeight> {
  const limit = options.reduceRange ? REDUCED_WEIGHT_LIMIT : WEIGHT_LIMIT;
  const values = await readFloats(reader, weight);
  const magnitudes = channelMagnitudes(values, weight.shape, axis);
  if (!magnitudes.every(Number.isFinite)) throw notFinite('weights', layers[0]?.[1].name ?? weight.name);
  const grown = (scales: Float32Array): Float32Array => {
    let enough = scales;
    for (const [node, bias] of biases) enough = scalesThatHoldBias(enough, bias.values, inputs(node).scale);
    return enough;
  };
  const nodes = layers.map(([node]) => node);
  const scheme = options.weights.get(weight.name);
  if (scheme !== undefined && scheme.kind !== 'dense' && !isPlainInt8(scheme) && !isTooWide(scheme, options)) {
    const layer = layers[0]?.[1].name ?? weight.name;
    const spread = options.spreadTo === undefined ? {} : { spreadTo: options.spreadTo };
    const coded = await coarseCodes(kernels, { shape: weight.shape, values, axis, layer, ...spread }, scheme, grown);
    return { weight, axis, ...coded, layers: nodes };
  }
  const scales = grown(weightScales(magnitudes, limit));
  const codes = weightCodes(values, weight.shape, axis, scales, limit);
  return { weight, axis, scales, codes, packed: null, layers: nodes };
}

/** Codes of 8 bits, whatever chose their scales, where 7 are to be. */
function isTooWide(scheme: WeightScheme, { reduceRange }: WeightEncodingOptions): boolean {
  return reduceRange && scheme.kind === 'affine' && scheme.bits === WEIGHT_BITS && (scheme.sparsity ?? 0) === 0;
}

function notFinite(what: string, layer: string): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `The ${what} of ${layer} hold NaN or infinite numbers, which int8 cannot store. Keep that layer, or train it again.`,
  );
}

/** The weight as passes and reports speak of it. */
export function asAffineTensor({ weight, axis, scales, codes }: EncodedWeight): AffineTensor {
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
  return {
    kind: 'affine',
    shape: weight.shape,
    bits: 8,
    signed: true,
    axis,
    block: null,
    symmetric: true,
    scales: () => Promise.resolve({ scale: scales, zeroPoint: null }),
    codes: {
      byteLength: bytes.byteLength,
      chunks: async function* () {
        yield await Promise.resolve(bytes);
      },
    },
  };
}
