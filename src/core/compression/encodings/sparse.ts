import { EdgewiseError } from '../../errors';
import type { Kernels } from '../../kernels';
import { elementsOf, type ByteStream } from '../../model/model';
import { streamFeed } from './byte-feed';
import { denseDecoder } from './dense';
import type { SparseTensor } from './encoded-tensor';
import { magnitudeThreshold, type MagnitudeThreshold } from './magnitude-threshold';
import { RealValues } from './real-values';
import type { WeightScheme } from './scheme';
import { StepCounter, type StepCounts } from './step-counts';

/** Encodes what is left as a tensor of one dimension. */
export type EncodeValues = (
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: WeightScheme,
) => Promise<SparseTensor['values']>;

/**
 * The weight without its `round(sparsity * elements)` smallest magnitudes: of equal ones the first go, and zeros that are
 * there count. NaN is zero: how many there are is told once the mask has run through. What is left has one scale or
 * table, or blocks, since it has no channels any more.
 * @throws EdgewiseError `unsupported` for shares that are none
 */
export async function sparseTensor(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: WeightScheme,
  encodeValues: EncodeValues,
  options: { onNonFinite?: ((count: number) => void) | undefined; signal?: AbortSignal | undefined },
): Promise<SparseTensor> {
  const { sparsity = 0 } = scheme;
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new EdgewiseError('unsupported', `A share of zeros lies between 0 and 1, which ${sparsity} does not.`);
  }
  const elements = elementsOf(shape);
  const threshold = await thresholdOf(kernels, openValues, Math.round(sparsity * elements), options.signal);
  const kept = keptStream(kernels, openValues, threshold);
  const openKept = () =>
    new RealValues(kernels, threshold.nonZeros, streamFeed(kept), () =>
      Promise.resolve(denseDecoder(kernels, 'float32')),
    );
  const mask: ByteStream = {
    byteLength: Math.ceil(elements / 8),
    chunks: (signal) => maskChunks(kernels, openValues, threshold, options.onNonFinite, signal),
  };
  const stepCounts =
    threshold.nonZeros > DENSEST_STEPS * elements
      ? undefined
      : await countSteps(kernels, openValues, threshold, options);
  return {
    kind: 'sparse',
    shape,
    nonZeros: threshold.nonZeros,
    mask,
    ...(stepCounts === undefined ? {} : { stepCounts }),
    values: await encodeValues([threshold.nonZeros], openKept, schemeOfKept(scheme)),
  };
}

/** Share of non-zeros beyond which a bit an element is always the shorter form of positions. */
const DENSEST_STEPS = 0.4;

/** How many entries positions take as steps, for formats that keep them so. */
async function countSteps(
  kernels: Kernels,
  openValues: () => RealValues,
  threshold: MagnitudeThreshold,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<StepCounts> {
  const counter = new StepCounter();
  for await (const chunk of maskChunks(kernels, openValues, threshold, undefined, signal)) counter.add(chunk);
  return counter.counts;
}

async function thresholdOf(
  kernels: Kernels,
  openValues: () => RealValues,
  count: number,
  signal?: AbortSignal,
): Promise<MagnitudeThreshold> {
  const values = openValues();
  try {
    values.keep();
    return await magnitudeThreshold(kernels, values, count, signal);
  } finally {
    values.close();
  }
}

/** Channels and groups are gone with the zeros; blocks go along what is left. */
function schemeOfKept(scheme: WeightScheme): WeightScheme {
  switch (scheme.kind) {
    case 'dense':
      return { ...scheme, sparsity: 0 };
    case 'affine':
      return { ...scheme, sparsity: 0, axis: scheme.block === null ? null : 0 };
    case 'palette':
      return { ...scheme, sparsity: 0, axis: null, groups: 1 };
  }
}

/** Values as they are once small ones went, chunk by chunk in the kernels' memory. */
async function* prunedSpans(
  kernels: Kernels,
  openValues: () => RealValues,
  { bits, ties }: MagnitudeThreshold,
  signal: AbortSignal | undefined,
  before?: (address: number, count: number) => void,
): AsyncGenerator<{ address: number; count: number }> {
  const values = openValues();
  let left = ties;
  try {
    for await (const { address, count } of values.spans(signal)) {
      before?.(address, count);
      left -= kernels.sparse.prune(address, count, bits, left);
      yield { address, count };
    }
  } finally {
    values.close();
  }
}

async function* maskChunks(
  kernels: Kernels,
  openValues: () => RealValues,
  threshold: MagnitudeThreshold,
  onNonFinite?: (count: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let nan = 0;
  const countNan = (address: number, count: number): void => {
    if (kernels.countNonFinite(address, count) > 0) nan += kernels.statistics(address, count).nan;
  };
  for await (const { address, count } of prunedSpans(kernels, openValues, threshold, signal, countNan)) {
    kernels.sparse.maskBits(address, count, address);
    yield kernels.view(address, Math.ceil(count / 8));
  }
  if (nan > 0) onNonFinite?.(nan);
}

/** What is left, as float32. */
function keptStream(kernels: Kernels, openValues: () => RealValues, threshold: MagnitudeThreshold): ByteStream {
  return {
    byteLength: threshold.nonZeros * 4,
    async *chunks(signal) {
      for await (const { address, count } of prunedSpans(kernels, openValues, threshold, signal)) {
        yield kernels.view(address, kernels.sparse.compact(address, count, address) * 4);
      }
    },
  };
}

/** Elements a step of decoding: a multiple of 8, so that masks are cut at bytes. */
const STEP_ELEMENTS = 512 * 1024;

/** The whole tensor as float32: `values` (float32) where the mask has a 1, zeros elsewhere. */
export function expandedStream(kernels: Kernels, tensor: SparseTensor, values: ByteStream): ByteStream {
  const elements = elementsOf(tensor.shape);
  return {
    byteLength: elements * 4,
    async *chunks(signal) {
      const step = Math.min(STEP_ELEMENTS, elements);
      const [mask, kept, output] = [kernels.take(Math.ceil(step / 8)), kernels.take(step * 4), kernels.take(step * 4)];
      const [masks, numbers] = [streamFeed(tensor.mask).open(signal), streamFeed(values).open(signal)];
      try {
        for (let first = 0; first < elements; first += step) {
          const count = Math.min(step, elements - first);
          const bits = mask.bytes.subarray(0, Math.ceil(count / 8));
          await masks.fill(bits);
          await numbers.fill(kept.bytes.subarray(0, onesOf(bits) * 4));
          kernels.sparse.expand(mask.address, count, kept.address, output.address);
          yield kernels.view(output.address, count * 4);
        }
      } finally {
        await Promise.all([masks.close(), numbers.close()]);
        [mask, kept, output].forEach((region) => {
          kernels.give(region);
        });
      }
    },
  };
}

/** How many bits are 1, by byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function onesOf(bytes: Uint8Array): number {
  let ones = 0;
  for (const byte of bytes) ones += ONES[byte] ?? 0;
  return ones;
}
