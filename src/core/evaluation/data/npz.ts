import type { ByteSource } from '../../formats/byte-source';
import { badData } from './complaint';
import { openBytes } from './bytes';
import { readLabels } from './labels';
import { matchArrays } from './matching';
import { openNpy } from './npy';
import type { RawArray, RawSet, SourceKind, SourceRequest } from './raw-set';
import type { StoredArray } from './stored-array';
import { readZipDirectory, type ZipEntry } from './zip-directory';

/** Names of the array of class numbers, the contract's first. */
const LABEL_NAMES = ['labels', 'label', 'y'];
/** Targets of other outputs: `target_<output>`. Not inputs. */
const TARGET_PREFIX = 'target_';

/** NumPy's archives: arrays named like the model's inputs, and `labels`. */
export const npz: SourceKind = {
  title: 'a .npz file (arrays named like the inputs, and labels)',
  recognizes: (head) => head?.[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5),
  async open(request) {
    const source = await openBytes(request.path, request.name);
    try {
      return await openArchive(source, request);
    } catch (error) {
      await source.close();
      throw error;
    }
  },
};

async function openArchive(source: ByteSource, request: SourceRequest): Promise<RawSet> {
  const file = request.name;
  const entries = new Map<string, ZipEntry>();
  for (const entry of await readZipDirectory(source, file)) {
    if (entry.name.endsWith('.npy')) entries.set(entry.name.slice(0, -'.npy'.length), entry);
  }
  const labelsName = LABEL_NAMES.find((name) => entries.has(name) && !request.targets.some((t) => t.name === name));
  const candidates = [...entries.keys()].filter((name) => name !== labelsName && !name.startsWith(TARGET_PREFIX));
  const match = matchArrays(candidates, request.targets, file);

  const open = async (name: string): Promise<StoredArray> => {
    const entry = entries.get(name);
    if (entry === undefined) throw badData(file, `"${file}" has no array ${name}.`);
    return openNpy(await entry.open(), file, `Array ${name} of "${file}"`);
  };
  const arrays = new Map<string, RawArray>();
  for (const [input, name] of match.arrays) arrays.set(input, await open(name));
  const length = [...arrays.values()][0]?.length ?? 0;
  const targets = new Map<string, RawArray>();
  for (const name of entries.keys()) {
    if (name.startsWith(TARGET_PREFIX)) targets.set(name.slice(TARGET_PREFIX.length), await open(name));
  }
  return {
    arrays,
    targets,
    labels:
      labelsName === undefined ? null : await readLabels(await open(labelsName), length, request.classNames, file),
    classNames: request.classNames,
    unlabelled: labelsName === undefined ? `"${file}" has no array called labels.` : null,
    notes: match.notes,
    close: () => source.close(),
  };
}
