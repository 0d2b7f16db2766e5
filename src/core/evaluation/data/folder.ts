import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { EdgewiseError } from '../../errors';
import { readingError } from '../../formats/file-errors';
import { classOrder } from './class-order';
import { badData } from './complaint';
import type { Picture } from './data-set';
import { DecodedPictures } from './decoded-pictures';
import { decodeImage, IMAGE_EXTENSIONS, readWhole } from './image-decoding';
import { onlyTarget } from './matching';
import { pictureWanted } from './picture-wanted';
import type { InputTarget, RawArray, RawSet, SourceKind, SourceRequest } from './raw-set';
import { soundArray } from './sound/sound-array';
import { soundValues, soundWanted } from './sound/sound-wanted';
import { decodeWav } from './sound/wav';

/** What files of a folder can be: one more kind is one line in `CONTENTS`. */
interface FolderContent {
  /** "PNG or JPEG images" */
  readonly title: string;
  /** "images" */
  readonly plural: string;
  /** With the dot, lower case. */
  readonly extensions: readonly string[];
  /** @param files relative to the folder */
  array(request: SourceRequest, files: readonly string[], target: InputTarget): RawArray;
}

const IMAGES: FolderContent = {
  title: 'PNG or JPEG images',
  plural: 'images',
  extensions: IMAGE_EXTENSIONS,
  array: imageFiles,
};
const CONTENTS: readonly FolderContent[] = [
  IMAGES,
  { title: 'WAV sounds', plural: 'sounds', extensions: ['.wav'], array: soundFiles },
];

/** A folder with a folder of images or sounds for each class; or such files alone, without labels. */
export const folderByClass: SourceKind = {
  title: 'a folder of PNG, JPEG or WAV files by class',
  recognizes: (head) => head === null,
  async open(request) {
    const target = onlyTarget(request.targets, request.name);
    const content = await contentOf(request);
    const { files, ...listing } = await listFiles(request, content);
    const array = content.array(request, files, target);
    return { arrays: new Map([[target.name, array]]), ...listing, close: () => Promise.resolve() };
  },
};

/** The kind of the first file that is of one, in the folder or in its first folders; images where there is none. */
async function contentOf({ path: folder, name }: SourceRequest): Promise<FolderContent> {
  const top = await entriesOf(folder, name);
  const [first] = top.folders;
  const inside = first === undefined ? [] : (await entriesOf(path.join(folder, first), `${name}/${first}`)).files;
  const kinds = [...inside, ...top.files].flatMap((file) => CONTENTS.filter((content) => isOf(content, file)));
  return kinds[0] ?? IMAGES;
}

function isOf({ extensions }: FolderContent, file: string): boolean {
  return extensions.includes(path.extname(file).toLowerCase());
}

type Listing = Pick<RawSet, 'labels' | 'unlabelled' | 'classNames' | 'notes'> & {
  /** Relative to the folder. */
  readonly files: readonly string[];
};

async function listFiles(request: SourceRequest, content: FolderContent): Promise<Listing> {
  const { name } = request;
  const top = await entriesOf(request.path, name);
  if (top.folders.length === 0) {
    const files = top.files.filter((file) => isOf(content, file));
    if (files.length === 0) throw noSamples(name, content, top.files);
    const unlabelled = `"${name}" has no folders by class, so its ${files.length} ${content.plural} have no labels.`;
    return { files, labels: null, unlabelled, classNames: request.classNames, notes: [] };
  }
  const classNames = classOrder(top.folders, request);
  const files: string[] = [];
  const labels: number[] = [];
  for (const folder of top.folders) {
    const label = classNames.indexOf(folder);
    if (label < 0) {
      throw badData(
        name,
        `"${name}" has a folder "${folder}", which is not one of the classes ${classNames.join(', ')}.`,
      );
    }
    const inside = (await entriesOf(path.join(request.path, folder), `${name}/${folder}`)).files;
    const samples = inside.filter((file) => isOf(content, file));
    if (samples.length === 0) throw noSamples(`${name}/${folder}`, content, inside);
    for (const sample of samples) {
      files.push(path.join(folder, sample));
      labels.push(label);
    }
  }
  const outside = top.files.filter((file) => isOf(content, file)).length;
  const notes =
    outside > 0 ? [`${outside} ${content.plural} of "${name}" lie outside its folders by class: not used.`] : [];
  return { files, labels: Int32Array.from(labels), unlabelled: null, classNames, notes };
}

interface FolderEntries {
  readonly folders: string[];
  readonly files: string[];
}

/** Names in a folder, in the same order on every system; hidden ones left out. */
async function entriesOf(folder: string, name: string): Promise<FolderEntries> {
  const found: FolderEntries = { folders: [], files: [] };
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw readingError(name, error);
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.folders.push(entry.name);
    else found.files.push(entry.name);
  }
  return found;
}

function noSamples(folder: string, { title }: FolderContent, others: readonly string[]): EdgewiseError {
  const data = others.find((file) => /\.(npz|parquet|csv|jsonl)$|idx3-ubyte(\.gz)?$/.test(file));
  const hint =
    data === undefined ? `Put ${title} into it, or remove it.` : `Name the file inside it: "${folder}/${data}".`;
  return badData(folder, `The folder "${folder}" holds no ${title}. ${hint}`);
}

function imageFiles(request: SourceRequest, files: readonly string[], target: InputTarget): RawArray {
  const wanted = pictureWanted(target);
  async function* decode(positions: readonly number[]): AsyncGenerator<Picture> {
    for (const position of positions) {
      const { file, name } = placeOf(request, files[position] ?? '');
      yield await decodeImage(file, name, wanted.channels);
    }
  }
  return new DecodedPictures(`"${request.name}"`, files.length, wanted, decode);
}

function soundFiles(request: SourceRequest, files: readonly string[], target: InputTarget): RawArray {
  const wanted = soundWanted(target);
  async function* load(positions: readonly number[]): AsyncGenerator<Float32Array> {
    for (const position of positions) {
      const { file, name } = placeOf(request, files[position] ?? '');
      yield soundValues(decodeWav(await readWhole(file, name), name), wanted);
    }
  }
  return soundArray(`"${request.name}"`, files.length, wanted, load);
}

/** A file of the folder: where it lies, and what sentences call it. */
function placeOf(request: SourceRequest, file: string): { file: string; name: string } {
  return { file: path.join(request.path, file), name: [request.name, ...file.split(path.sep)].join('/') };
}
