import { streamFeed } from '../../../../compression/encodings/byte-feed';
import type { SparseTensor } from '../../../../compression/encodings/encoded-tensor';
import { isCodeBits, type CodeBits } from '../../../../compression/encodings/packing';
import { fillerCode, fillersIn, type StepBits } from '../../../../compression/encodings/step-counts';
import { EdgewiseError } from '../../../../errors';
import { bitsOf } from '../../../../model/dtype';
import type { ByteStream } from '../../../../model/model';
import { codePlanes } from '../../../../compression/encodings/code-planes';
import { inGroups, packedCodes, unpackedCodes } from './regrouped';

/** Bytes of the mask that are worked on at once: at most eight steps come of each, and rarely many fillers. */
const MASK_STEP = 64 * 1024;

/**
 * Entries of positions and values alike: fillers included, and as many more as fill the last group of codes of both.
 * Those at the end step by nothing and repeat the last value, so that it is written once more and nothing changes.
 */
export function entriesInGroups(tensor: SparseTensor, bits: StepBits, entries: number): number {
  const { values } = tensor;
  const group = Math.max(codePlanes(bits).codes, values.kind === 'dense' ? 1 : codePlanes(values.bits).codes);
  return Math.ceil(entries / group) * group;
}

/** Positions as steps, packed low bits first. @param count as `entriesInGroups` says. */
export function stepCodes(tensor: SparseTensor, bits: StepBits, count: number): ByteStream {
  return packedCodes({ byteLength: count, chunks: (signal) => entries(tensor, bits, count, signal) }, bits);
}

/** The values with one for each step: 0 as the code of fillers, which a program replaces by zero. */
export function spreadValues(tensor: SparseTensor, bits: StepBits, count: number): SparseTensor['values'] {
  const { values } = tensor;
  const shape = [count];
  if (values.kind === 'dense') {
    const data = spread(tensor, values.data, bitsOf(values.dtype) / 8, bits, count);
    return { ...values, shape, data };
  }
  const width = codeBits(values.bits);
  const codes = spread(tensor, unpackedCodes(values.codes, width, tensor.nonZeros), 1, bits, count);
  return { ...values, shape, codes: packedCodes(codes, width) };
}

function codeBits(bits: number): CodeBits {
  if (isCodeBits(bits)) return bits;
  throw new EdgewiseError('unsupported', `Codes of ${bits} bits are not stored here.`);
}

/** One code a byte for each entry. */
async function* entries(
  { mask }: SparseTensor,
  bits: StepBits,
  count: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const filler = fillerCode(bits);
  let gap = 0;
  let isFirst = true;
  let done = 0;
  for await (const piece of inGroups(mask.chunks(signal), 1, MASK_STEP)) {
    const steps: number[] = [];
    for (const byte of piece) {
      for (let bit = 0; bit < 8; bit++) {
        if (!isFirst) gap++;
        if ((byte >> bit) & 1) {
          const fillers = fillersIn(gap, bits);
          for (let index = 0; index < fillers; index++) steps.push(filler);
          steps.push(gap - fillers * (filler - 1));
          gap = 0;
          isFirst = false;
        } else if (isFirst) gap++;
      }
    }
    done += steps.length;
    if (steps.length > 0) yield Uint8Array.from(steps);
  }
  if (done < count) yield new Uint8Array(count - done);
}

function spread(tensor: SparseTensor, units: ByteStream, size: number, bits: StepBits, count: number): ByteStream {
  return {
    byteLength: count * size,
    async *chunks(signal) {
      const feed = streamFeed(units).open(signal);
      const filler = fillerCode(bits);
      let left = tensor.nonZeros;
      let last = new Uint8Array(size);
      try {
        for await (const steps of entries(tensor, bits, count, signal)) {
          const present = steps.reduce((sum, step) => (step === filler ? sum : sum + 1), 0);
          const taken = new Uint8Array(Math.min(left, present) * size);
          await feed.fill(taken);
          left -= taken.length / size;
          if (taken.length > 0) last = taken.slice(-size);
          yield placed(steps, filler, taken, size, last);
        }
      } finally {
        await feed.close();
      }
    },
  };
}

/** Units at the entries that are no fillers; `last` at those behind the end. */
function placed(steps: Uint8Array, filler: number, units: Uint8Array, size: number, last: Uint8Array): Uint8Array {
  const result = new Uint8Array(steps.length * size);
  let at = 0;
  steps.forEach((step, entry) => {
    if (step === filler) return;
    result.set(at < units.length ? units.subarray(at, at + size) : last, entry * size);
    at += size;
  });
  return result;
}
