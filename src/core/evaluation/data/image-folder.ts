import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { EdgewiseError } from '../../errors';
import { readingError } from '../../formats/file-errors';
import type { TensorData } from '../../runtime/tensor';
import { badData } from './complaint';
import type { Picture } from './data-set';
import { decodeImage, IMAGE_EXTENSIONS } from './image-decoding';
import { onlyTarget } from './matching';
import { swapped } from './picture';
import { pictureWanted, type PictureWanted } from './picture-wanted';
import type { RawArray, RawSet, SourceKind, SourceRequest } from './raw-set';
import { resize } from './resize';

/** A folder with a folder of PNG or JPEG images for each class; or images alone, without labels. */
export const imageFolder: SourceKind = {
  title: 'a folder of PNG or JPEG images by class',
  recognizes: (head) => head === null,
  async open(request) {
    const target = onlyTarget(request.targets, request.name);
    const { files, ...listing } = await listImages(request);
    const array = new ImageFiles(request, files, pictureWanted(target));
    return { arrays: new Map([[target.name, array]]), ...listing, close: () => Promise.resolve() };
  },
};

type Listing = Pick<RawSet, 'labels' | 'unlabelled' | 'classNames' | 'notes'> & {
  /** Relative to the folder. */
  readonly files: readonly string[];
};

async function listImages(request: SourceRequest): Promise<Listing> {
  const { name } = request;
  const top = await entriesOf(request.path, name);
  if (top.folders.length === 0) {
    if (top.images.length === 0) throw noImages(name, top.others);
    const unlabelled = `"${name}" has no folders by class, so its ${top.images.length} images have no labels.`;
    return { files: top.images, labels: null, unlabelled, classNames: request.classNames, notes: [] };
  }
  const classNames = request.classNames ?? top.folders;
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
    const { images, others } = await entriesOf(path.join(request.path, folder), `${name}/${folder}`);
    if (images.length === 0) throw noImages(`${name}/${folder}`, others);
    for (const image of images) {
      files.push(path.join(folder, image));
      labels.push(label);
    }
  }
  const outside = top.images.length;
  const notes = outside > 0 ? [`${outside} images of "${name}" lie outside its folders by class: not used.`] : [];
  return { files, labels: Int32Array.from(labels), unlabelled: null, classNames, notes };
}

interface FolderEntries {
  readonly folders: string[];
  readonly images: string[];
  readonly others: string[];
}

/** Names in a folder, in the same order on every system; hidden ones left out. */
async function entriesOf(folder: string, name: string): Promise<FolderEntries> {
  const found: FolderEntries = { folders: [], images: [], others: [] };
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw readingError(name, error);
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.folders.push(entry.name);
    else if (IMAGE_EXTENSIONS.includes(path.extname(entry.name).toLowerCase())) found.images.push(entry.name);
    else found.others.push(entry.name);
  }
  return found;
}

function noImages(folder: string, others: readonly string[]): EdgewiseError {
  const data = others.find((file) => /\.npz$|idx3-ubyte(\.gz)?$/.test(file));
  const hint =
    data === undefined
      ? 'Put PNG or JPEG images into it, or remove it.'
      : `Name the file inside it: "${folder}/${data}".`;
  return badData(folder, `The folder "${folder}" holds no PNG or JPEG images. ${hint}`);
}

/** Images decoded on demand, all in the size and channels that the model wants. */
class ImageFiles implements RawArray {
  readonly title: string;
  readonly length: number;
  readonly dtype = 'uint8';
  readonly shape: readonly number[];
  readonly order = 'HWC';
  readonly converted = true;

  constructor(
    private readonly request: SourceRequest,
    private readonly files: readonly string[],
    private readonly wanted: PictureWanted,
  ) {
    this.title = `"${request.name}"`;
    this.length = files.length;
    this.shape = [wanted.height, wanted.width, wanted.channels];
  }

  async read(positions: readonly number[]): Promise<TensorData> {
    const { width, height, channels, blueFirst } = this.wanted;
    const sample = width * height * channels;
    const values = new Uint8Array(positions.length * sample);
    for (const [index, position] of positions.entries()) {
      const { pixels } = resize(await this.picture(position), width, height);
      values.set(blueFirst ? swapped(pixels) : pixels, index * sample);
    }
    return values;
  }

  picture(position: number): Promise<Picture> {
    const file = this.files[position] ?? '';
    const name = [this.request.name, ...file.split(path.sep)].join('/');
    return decodeImage(path.join(this.request.path, file), name, this.wanted.channels);
  }
}
