import { layersOf } from '../analysis/layers';
import { ModelSources } from '../formats/model-sources';
import { readerOver, weightBytes, type WeightReader } from '../formats/weight-reader';
import { bitsOf } from '../model/dtype';
import type { Encoding } from '../model/encoding';
import { elementsOf, type Model, type Weight } from '../model/model';
import { breathe, throwIfCancelled } from '../progress';
import { packedRest, type FileRange } from './packed-rest';
import { storedTensors } from './stored-tensors';
import { CHUNK_MULTIPLE, CodeCounts, PlaneCounts, ValueCounts, type SymbolCounts } from './symbol-counts';

/** About 1.7 MB at a time: memory does not grow with the model. */
const CHUNK_BYTES = CHUNK_MULTIPLE * 1024;

/** On fewer symbols than this, telling their frequencies takes about as much as the symbols. */
const SMALL_BYTES = 1024;

/**
 * The bytes of a model's files if each tensor were coded by an ideal order-0 coder, one that knows how often each
 * symbol of that tensor occurs and nothing else, and the rest of the files by gzip:
 *
 *   sum over tensors of min(stored, coded) + min(rest, gzip(rest)),
 *   coded = ceil(sum over symbols of -count log2(count / n) / 8)
 *
 * Symbols are the codes where a tensor holds codes of at most 8 bits (also where several share a byte), bytes of types
 * that have 8 bits, and for wider types the smaller of: distinct values, whose table of `distinct x width` bytes is
 * added (up to `MOST_DISTINCT_VALUES` of them), or the bytes of each significance apart. Frequencies are known to this
 * coder for nothing, so it is a bound, which real coders come close to on large tensors; coders that look at neighbours
 * may do better where values repeat in patterns. The rest is graph, names and texts, and tensors of at most 1 KB, where
 * frequencies would be most of what there is to say. Never more than the files have.
 * @throws EdgewiseError `cancelled`, `changed`, `truncated`
 */
export async function entropyBytes(model: Model, signal: AbortSignal): Promise<number> {
  const codes = codeWidths(model);
  const tensors = ownRanges(storedTensors(model));
  const sources = new ModelSources(model.files);
  try {
    await sources.checkFirst();
    const reader = readerOver(sources);
    let bytes = await packedRest(model, tensors, sources, signal);
    for (const { tensor, length } of tensors) {
      bytes += Math.min(length, await codedBytes(reader, tensor, codes.get(tensor), signal));
    }
    return bytes;
  } finally {
    await sources.close();
  }
}

interface TensorRange extends FileRange {
  readonly tensor: Weight;
}

/**
 * Tensors that lie in files by ranges (small ones do not), in the order of the files. Of several that share bytes, only
 * the first: no byte counts twice.
 */
function ownRanges(tensors: readonly Weight[]): TensorRange[] {
  const found = tensors.flatMap((tensor) => (tensor.data.kind === 'range' ? [{ tensor, ...tensor.data }] : []));
  found.sort((a, b) => a.file - b.file || a.offset - b.offset);
  let [file, end] = [-1, 0];
  return found.filter((one) => {
    if (one.length <= SMALL_BYTES || (one.file === file && one.offset < end)) return false;
    [file, end] = [one.file, one.offset + one.length];
    return true;
  });
}

async function codedBytes(
  reader: WeightReader,
  tensor: Weight,
  codeBits: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  const counters = countersFor(tensor, codeBits);
  const total = weightBytes(tensor);
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, total));
  for (let offset = 0; offset < total; offset += CHUNK_BYTES) {
    throwIfCancelled(signal);
    const chunk = await reader.read(tensor, offset, Math.min(CHUNK_BYTES, total - offset), buffer);
    for (const counter of counters) counter.add(chunk);
    await breathe();
  }
  return Math.ceil(Math.min(...counters.map((counter) => counter.bytes())));
}

/** The ways to look at a tensor; the one that needs fewest bytes counts. */
function countersFor(tensor: Weight, codeBits: number | undefined): SymbolCounts[] {
  const bits = codeBits ?? bitsOf(tensor.dtype);
  const words = Math.floor((weightBytes(tensor) * 8) / bits);
  if (bits <= 8) return [new CodeCounts(bits, words)];
  if (bits === 16) return [new ValueCounts(2, words), new PlaneCounts(2)];
  if (bits === 32) return [new ValueCounts(4, words), new PlaneCounts(4)];
  return [new PlaneCounts(bits / 8)];
}

/** Bits of a code, for tensors of bytes that hold smaller codes packed. */
function codeWidths(model: Model): Map<Weight, number> {
  const widths = new Map<Weight, number>();
  for (const { weights } of layersOf(model)) {
    for (const { stored, encoding, shape } of weights) {
      const bits = codeBits(encoding);
      if (bits !== null && weightBytes(stored) === Math.ceil((elementsOf(shape) * bits) / 8)) widths.set(stored, bits);
    }
  }
  return widths;
}

function codeBits(encoding: Encoding): number | null {
  return encoding.kind === 'affine' || encoding.kind === 'palette' ? encoding.bits : null;
}
