import path from 'node:path';
import type { ByteSource } from '../../formats/byte-source';
import type { TensorDType } from '../../runtime/tensor';
import { openBytes } from './bytes';
import { badData } from './complaint';
import { readLabels } from './labels';
import { onlyTarget } from './matching';
import { findNeighbour, withOtherWord } from './neighbour';
import type { RawSet, SourceKind, SourceRequest } from './raw-set';
import { checkSize, StoredArray } from './stored-array';

// The format of MNIST: two zeros, a type, the number of dimensions, each dimension in 32 bits, values; big-endian.

const DTYPES: Readonly<Record<number, TensorDType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};
/** Pictures of several channels have four. */
const MOST_DIMENSIONS = 8;

/** IDX files: the samples' file, and the labels' beside it. Either may be gzip. */
export const idx: SourceKind = {
  title: 'an IDX file of images (labels beside it)',
  recognizes: (head) =>
    head !== null && head[0] === 0 && head[1] === 0 && DTYPES[head[2] ?? 0] !== undefined && (head[3] ?? 0) > 0,
  async open(request) {
    const source = await openBytes(request.path, request.name);
    try {
      return await withLabels(source, request);
    } catch (error) {
      await source.close();
      throw error;
    }
  },
};

async function withLabels(source: ByteSource, request: SourceRequest): Promise<RawSet> {
  const target = onlyTarget(request.targets, request.name);
  const array = await readIdx(source, request.name);
  if (array.shape.length === 0) {
    throw badData(request.name, `"${request.name}" is an IDX file of labels. Name the file of the images.`);
  }
  const labelsPath = request.labelsPath ?? (await findNeighbour(request.path, labelNames(request.path)));
  const looked = labelNames(request.path)[0];
  return {
    arrays: new Map([[target.name, array]]),
    labels: labelsPath === null ? null : await labelsOf(labelsPath, array.length, request),
    classNames: request.classNames,
    unlabelled:
      labelsPath === null ? `No labels were found beside "${request.name}"${looked ? ` ("${looked}")` : ''}.` : null,
    notes: [],
    close: () => source.close(),
  };
}

async function readIdx(source: ByteSource, name: string): Promise<StoredArray> {
  const head = Buffer.from(await source.read(0, Math.min(source.size, 4 + 4 * MOST_DIMENSIONS)));
  const rank = head[3] ?? 0;
  const offset = 4 + 4 * rank;
  const dtype = DTYPES[head[2] ?? 0];
  if (dtype === undefined || rank > MOST_DIMENSIONS || head.length < offset) {
    throw badData(name, `"${name}" is not an IDX file: its first bytes make no sense. Get it again.`);
  }
  const shape = Array.from({ length: rank }, (_, index) => head.readUInt32BE(4 + 4 * index));
  const region = { source, offset, length: source.size - offset };
  const facts = { title: `"${name}"`, dtype, bigEndian: true, shape, region };
  checkSize(facts, name);
  return new StoredArray(facts);
}

/** `t10k-images-idx3-ubyte.gz` has `t10k-labels-idx1-ubyte.gz`, also unpacked; `images.idx` has `labels.idx`. */
function labelNames(file: string): string[] {
  const renamed = withOtherWord(path.basename(file), [['images', 'labels']]);
  const ranked = renamed.flatMap((name) => [name.replace(/idx\d/, 'idx1'), name]);
  return [...new Set(ranked.flatMap((name) => [name, name.endsWith('.gz') ? name.slice(0, -3) : `${name}.gz`]))];
}

async function labelsOf(file: string, length: number, request: SourceRequest): Promise<Int32Array> {
  const name = path.basename(file);
  const source = await openBytes(file, name);
  try {
    const array = await readIdx(source, name);
    return await readLabels(array, length, request.classNames, name);
  } finally {
    await source.close();
  }
}
