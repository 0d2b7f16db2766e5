import type { LogicalWeight } from '../../analysis/logical-weights';
import { EdgewiseError } from '../../errors';
import { weightBytes, type WeightReader } from '../../formats/weight-reader';
import type { Kernels } from '../../kernels';
import { scaleLayout, type ScaleLayout } from '../../kernels/scale-layout';
import type { Encoding } from '../../model/encoding';
import { elementsOf, type Weight } from '../../model/model';
import { affineDecoder } from './affine';
import { streamFeed, weightFeed } from './byte-feed';
import { canWiden, denseDecoder, float32Stream } from './dense';
import { joinedStream, type JoinedPart } from './joined';
import { readNumbers } from './numbers';
import { isCodeBits } from './packing';
import { RealValues } from './real-values';
import { unpackedValues } from './unpacked';
import { wideDecoder } from './wide-codes';

/** Codes that only other tools store weights as. */
const WIDE_BITS = 16;

/**
 * The real values of a weight of a file, whatever it is stored as. Null where its storage is not read here: codes of 32
 * bits and more, integers without a scale, tensors of another length than their encoding says.
 */
export function storedValues(kernels: Kernels, reader: WeightReader, weight: LogicalWeight): RealValues | null {
  const { encoding } = weight;
  if (weight.parts !== undefined) return joinedValues(kernels, reader, weight.parts);
  if (weight.unpacking !== undefined) return unpackedValues(kernels, reader, weight.unpacking);
  switch (encoding.kind) {
    case 'dense':
      return canWiden(encoding.dtype) ? denseValues(kernels, reader, weight.stored) : null;
    case 'affine': {
      const layout = scaleLayout(weight.shape, encoding.axis, encoding.block);
      if (weight.scale === null || !(isCodeBits(encoding.bits) || encoding.bits === WIDE_BITS)) return null;
      if (weightBytes(weight.stored) !== Math.ceil((encoding.bits * elementsOf(weight.shape)) / 8)) return null;
      return affineValues(kernels, reader, weight, encoding, weight.scale, layout);
    }
    case 'palette':
    case 'sparse':
      return null;
  }
}

/** The values of parts along an axis, as those of one tensor. */
function joinedValues(
  kernels: Kernels,
  reader: WeightReader,
  { axis, weights }: NonNullable<LogicalWeight['parts']>,
): RealValues | null {
  const [first] = weights;
  const parts: JoinedPart[] = [];
  for (const weight of weights) {
    const values = storedValues(kernels, reader, weight);
    if (values === null) return null;
    const stream = float32Stream(kernels, elementsOf(weight.shape), () => values);
    parts.push({ values: stream, rowBytes: elementsOf(weight.shape.slice(axis)) * FLOAT_BYTES });
  }
  const stream = joinedStream(parts, elementsOf(first?.shape.slice(0, axis) ?? []));
  return new RealValues(kernels, stream.byteLength / FLOAT_BYTES, streamFeed(stream), () =>
    Promise.resolve(denseDecoder(kernels, 'float32')),
  );
}

const FLOAT_BYTES = 4;

/** A dense tensor's values. @throws EdgewiseError `unsupported` when it is gone through, where `canWiden` is false. */
export function denseValues(kernels: Kernels, reader: WeightReader, weight: Weight): RealValues {
  return new RealValues(kernels, elementsOf(weight.shape), weightFeed(reader, weight), () =>
    Promise.resolve(denseDecoder(kernels, weight.dtype)),
  );
}

function affineValues(
  kernels: Kernels,
  reader: WeightReader,
  weight: LogicalWeight,
  encoding: AffineEncoding,
  scale: Weight,
  layout: ScaleLayout,
): RealValues {
  const { bits, signed } = encoding;
  return new RealValues(kernels, elementsOf(weight.shape), weightFeed(reader, weight.stored), async () => {
    const numbers = Float32Array.from(await perChannel(reader, scale, layout.scales));
    const zeroPoint =
      weight.zeroPoint === null ? null : Int32Array.from(await perChannel(reader, weight.zeroPoint, layout.scales));
    if (bits === WIDE_BITS) return wideDecoder(kernels, signed, layout, numbers, zeroPoint);
    return affineDecoder(kernels, { bits, signed, layout, scale: numbers, zeroPoint });
  });
}

type AffineEncoding = Extract<Encoding, { kind: 'affine' }>;

/** One number for each channel: a single scale or zero point counts for all. */
async function perChannel(reader: WeightReader, weight: Weight, channels: number): Promise<number[]> {
  const numbers = await readNumbers(reader, weight);
  if (numbers.length === channels) return numbers;
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined) return new Array<number>(channels).fill(only);
  throw new EdgewiseError(
    'malformed',
    `The tensor "${weight.name}" holds ${numbers.length} numbers where its weight needs ${channels}.`,
  );
}
