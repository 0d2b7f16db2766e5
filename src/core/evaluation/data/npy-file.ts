import path from 'node:path';
import { openBytes } from './bytes';
import { readLabels } from './labels';
import { onlyTarget } from './matching';
import { findNeighbour, withOtherWord } from './neighbour';
import { isNpy, openNpy } from './npy';
import type { RawSet, SourceKind, SourceRequest } from './raw-set';
import type { StoredArray } from './stored-array';

/** One array of samples in NumPy's format; its labels in another beside it. */
export const npyFile: SourceKind = {
  title: 'a .npy file of samples',
  recognizes: (head) => head !== null && isNpy(head),
  async open(request) {
    const samples = await openArray(request.path, request.name);
    try {
      return await withLabels(samples, request);
    } catch (error) {
      await samples.close();
      throw error;
    }
  },
};

interface OpenArray {
  readonly array: StoredArray;
  close(): Promise<void>;
}

async function openArray(file: string, name: string): Promise<OpenArray> {
  const source = await openBytes(file, name);
  try {
    const array = await openNpy({ source, offset: 0, length: source.size }, name, `"${name}"`);
    return { array, close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function withLabels({ array, close }: OpenArray, request: SourceRequest): Promise<RawSet> {
  const target = onlyTarget(request.targets, request.name);
  const labelsPath = request.labelsPath ?? (await findNeighbour(request.path, labelNames(request.path)));
  return {
    arrays: new Map([[target.name, array]]),
    labels: labelsPath === null ? null : await labelsOf(labelsPath, array.length, request),
    classNames: request.classNames,
    unlabelled: labelsPath === null ? `No labels were found beside "${request.name}".` : null,
    notes: [],
    close,
  };
}

/** `x_images.npy` has `x_labels.npy`, `x.npy` has `y.npy`; any `NAME.npy` may have `NAME_labels.npy`. */
function labelNames(file: string): string[] {
  const stem = path.basename(file, path.extname(file));
  return [
    ...withOtherWord(path.basename(file), [
      ['images', 'labels'],
      ['x', 'y'],
      ['X', 'y'],
    ]),
    `${stem}_labels.npy`,
  ];
}

async function labelsOf(file: string, length: number, request: SourceRequest): Promise<Int32Array> {
  const name = path.basename(file);
  const { array, close } = await openArray(file, name);
  try {
    return await readLabels(array, length, request.classNames, name);
  } finally {
    await close();
  }
}
