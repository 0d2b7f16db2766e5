import { EdgewiseError } from '../../../errors';
import type { Kernels } from '../../../kernels';
import { elementsOf } from '../../../model/model';
import { decode, valuesOf } from '../../encodings';
import { encodeWeight } from '../../encodings/encode';
import type { AffineTensor, EncodedTensor } from '../../encodings/encoded-tensor';
import type { AffineScheme, PaletteScheme, WeightScheme } from '../../encodings/scheme';
import { float32Weight } from '../../graph/new-weights';
import { channelMagnitudes, WEIGHT_LIMIT, weightCodes, weightScales } from './weight-codes';

/** Bits of what integer kernels take. */
export const WEIGHT_BITS = 8;

/** A weight for an integer kernel: int8 codes, and how these can be packed into fewer bits. */
export interface CoarseCodes {
  readonly scales: Float32Array;
  readonly codes: Int8Array;
  /** The codes as numbers of an encoding of their own; null for 8 bits, which need none. */
  readonly packed: EncodedTensor | null;
}

export interface FloatWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** The axis of scales; null for one scale. */
  readonly axis: number | null;
  /** What sentences call it. */
  readonly layer: string;
  /**
   * Codes of fewer than 8 bits are multiplied by as much as keeps them within this, and their scale is divided by it:
   * biases, which have the scale of the products, are rounded that much finer. Default: they stay as they are.
   */
  readonly spreadTo?: number;
}

/** True where a scheme asks for no more than int8 codes of the whole range: `weight-codes` does it. */
export function isPlainInt8(scheme: WeightScheme): boolean {
  if (scheme.kind !== 'affine' || (scheme.sparsity ?? 0) > 0 || scheme.tableBits !== undefined) return false;
  return scheme.bits === WEIGHT_BITS && scheme.scales === 'minmax' && scheme.given === undefined;
}

/** Int8 codes of at most 8 bits for an affine scheme, whose scales may be given. */
export async function integerCodes(
  kernels: Kernels,
  weight: FloatWeight,
  scheme: AffineScheme,
): Promise<Pick<CoarseCodes, 'scales' | 'codes'>> {
  const { scales, codes } = await affineCodes(kernels, weight, scheme, (own) => own);
  return { scales, codes };
}

/**
 * Codes of 2 to 8 bits, of a palette, or with zeros left out, as integer kernels can take them: int8 with few levels.
 * `grown` gives the scales that the biases need; it is asked once, and codes are made for what it gives.
 * @throws EdgewiseError `unsupported` for blocks and zero points, which integer kernels do not have
 */
export async function coarseCodes(
  kernels: Kernels,
  weight: FloatWeight,
  scheme: AffineScheme | PaletteScheme,
  grown: (scales: Float32Array) => Float32Array,
): Promise<CoarseCodes> {
  const { shape } = weight;
  const values = await withoutSmallest(kernels, shape, weight.values, scheme.sparsity ?? 0);
  const found =
    scheme.kind === 'affine'
      ? await affineCodes(kernels, { ...weight, values }, scheme, grown)
      : await paletteCodes(kernels, { ...weight, values }, scheme, grown);
  const isWhole = scheme.kind === 'affine' && scheme.bits === WEIGHT_BITS && scheme.tableBits === undefined;
  if (isWhole && (scheme.sparsity ?? 0) === 0) {
    return { scales: found.scales, codes: found.codes, packed: null };
  }
  const zeros = found.codes.reduce((count, code) => count + (code === 0 ? 1 : 0), 0);
  const sparsity = (scheme.sparsity ?? 0) > 0 ? { sparsity: zeros / Math.max(1, elementsOf(shape)) } : {};
  const numbers = Float32Array.from(found.codes);
  const packed = await encodeWeight(kernels, shape, () => opened(kernels, shape, numbers), {
    ...found.scheme,
    ...sparsity,
  });
  return { scales: found.scales, codes: found.codes, packed };
}

interface Coded {
  readonly scales: Float32Array;
  readonly codes: Int8Array;
  /** How the codes, taken as numbers, are packed without loss. */
  readonly scheme: AffineScheme | PaletteScheme;
}

async function affineCodes(
  kernels: Kernels,
  { shape, values, axis, layer, spreadTo }: FloatWeight,
  scheme: AffineScheme,
  grown: (scales: Float32Array) => Float32Array,
): Promise<Coded> {
  const shift = scheme.given?.zeroPoint ?? null;
  if (scheme.block !== null || (!scheme.symmetric && !isUniform(shift))) throw unsuited(scheme, layer);
  const open = () => opened(kernels, shape, values);
  const own = { ...scheme, axis: scheme.axis === null ? null : axis, sparsity: 0 };
  const first = await affine(kernels, shape, open, own);
  const { scale } = await first.scales();
  const scales = grown(scale);
  const tensor = scales.every((each, at) => each === scale[at])
    ? first
    : await affine(kernels, shape, open, { ...own, given: { scale: scales, zeroPoint: shift } });
  const ones = { scale: new Float32Array(scales.length).fill(1), zeroPoint: shift };
  const codes = Int8Array.from(await numbersOf(kernels, { ...tensor, scales: () => Promise.resolve(ones) }));
  const factor = scheme.bits < WEIGHT_BITS && spreadTo !== undefined ? spreadOf(codes, spreadTo) : 1;
  const one = { scale: Float32Array.of(factor), zeroPoint: shift && shift.slice(0, 1) };
  const spread = { scales: scales.map((each) => each / factor), codes: codes.map((code) => code * factor) };
  if (scheme.tableBits !== undefined)
    return { ...spread, scheme: { kind: 'palette', bits: scheme.tableBits, axis: null, groups: 1, method: 'unique' } };
  return { ...spread, scheme: { ...scheme, axis: null, scales: 'minmax', given: one } };
}

/** A power of two: codes times their scale stay the same numbers to the last bit. */
function spreadOf(codes: Int8Array, limit: number): number {
  const largest = codes.reduce((most, code) => Math.max(most, Math.abs(code)), 1);
  return Math.max(1, 2 ** Math.floor(Math.log2(limit / largest)));
}

/** Codes that begin below zero, all alike: as int8 they need no zero point. */
function isUniform(zeroPoint: Int32Array | null): boolean {
  return zeroPoint?.every((each) => each === zeroPoint[0]) ?? false;
}

async function affine(
  kernels: Kernels,
  shape: readonly number[],
  open: () => ReturnType<typeof valuesOf>,
  scheme: AffineScheme,
): Promise<AffineTensor> {
  const tensor = await encodeWeight(kernels, shape, open, scheme);
  if (tensor.kind !== 'affine')
    throw new EdgewiseError('internal', 'Codes with scales were encoded as something else.');
  return tensor;
}

/** The table's entries are rounded to int8 codes: one scale for the tensor, so that equal entries have equal codes. */
async function paletteCodes(
  kernels: Kernels,
  { shape, values }: FloatWeight,
  scheme: PaletteScheme,
  grown: (scales: Float32Array) => Float32Array,
): Promise<Coded> {
  const tensor = await encodeWeight(kernels, shape, () => opened(kernels, shape, values), { ...scheme, sparsity: 0 });
  const entries = await numbersOf(kernels, tensor);
  const scales = grown(weightScales(channelMagnitudes(entries, shape, null), WEIGHT_LIMIT));
  const codes = weightCodes(entries, shape, null, scales, WEIGHT_LIMIT);
  return { scales, codes, scheme: { ...scheme, method: 'unique' } };
}

async function withoutSmallest(
  kernels: Kernels,
  shape: readonly number[],
  values: Float32Array,
  sparsity: number,
): Promise<Float32Array> {
  if (sparsity === 0) return values;
  const scheme: WeightScheme = { kind: 'dense', dtype: 'float32', sparsity };
  return numbersOf(kernels, await encodeWeight(kernels, shape, () => opened(kernels, shape, values), scheme));
}

async function numbersOf(kernels: Kernels, tensor: EncodedTensor): Promise<Float32Array> {
  const bytes = new Uint8Array(4 * elementsOf(tensor.shape));
  let done = 0;
  for await (const chunk of decode(kernels, tensor).chunks()) {
    bytes.set(chunk, done);
    done += chunk.byteLength;
  }
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

function opened(kernels: Kernels, shape: readonly number[], numbers: Float32Array): ReturnType<typeof valuesOf> {
  const { data } = float32Weight('', shape, numbers);
  const bytes = data.kind === 'bytes' ? data.bytes : new Uint8Array();
  return valuesOf(kernels, {
    kind: 'dense',
    shape,
    dtype: 'float32',
    data: {
      byteLength: bytes.byteLength,
      chunks: async function* () {
        yield await Promise.resolve(bytes);
      },
    },
  });
}

function unsuited({ block }: AffineScheme, layer: string): EdgewiseError {
  const what = block === null ? 'Weights with zero points' : `Weights in blocks of ${block}`;
  return new EdgewiseError(
    'unsupported',
    `${what} (${layer}) do not go with quantized activations: integer kernels have one symmetric scale an output channel. Use granularity channel, or keep activations float.`,
  );
}
