import { access } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { openBytes } from './bytes';
import { countedClasses } from './class-order';
import { badData } from './complaint';
import type { LabelledBox, Picture } from './data-set';
import { DecodedPictures } from './decoded-pictures';
import { framedBoxes } from './framing';
import { decodeImage } from './image-decoding';
import { onlyTarget } from './matching';
import { pictureWanted } from './picture-wanted';
import type { RawSet, SourceKind, SourceRequest } from './raw-set';
import { LARGEST_TEXT_BYTES } from './table/memory-table';

// The format of COCO's annotations: https://cocodataset.org/#format-data, as far as boxes go.

const size = z.number().positive();
const cocoSchema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string(), width: size, height: size })),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      /** Left, top, width, height, in pixels. */
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.union([z.literal(0), z.literal(1)]).optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});
type Coco = z.infer<typeof cocoSchema>;

/** Where images lie, seen from the annotations. */
const IMAGE_FOLDERS = ['.', 'images', '..', '../images'];

/** Boxes in COCO's JSON, its images beside it. Classes count from 0 in the order of the categories' numbers. */
export const coco: SourceKind = {
  title: "COCO's JSON of boxes (images beside it)",
  recognizes: (head, name) => head !== null && /\.json$/i.test(name),
  async open(request) {
    const source = await openBytes(request.path, request.name);
    try {
      if (source.size > LARGEST_TEXT_BYTES) throw noCoco(request.name);
      const bytes = await source.read(0, source.size);
      return await cocoSet(readCoco(Buffer.from(bytes).toString('utf8'), request.name), request);
    } finally {
      await source.close();
    }
  },
};

function readCoco(text: string, name: string): Coco {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw noCoco(name, cause);
  }
  const parsed = cocoSchema.safeParse(json);
  if (!parsed.success) throw noCoco(name, parsed.error);
  return parsed.data;
}

function noCoco(name: string, cause?: unknown): Error {
  const sentence = `"${name}" is not COCO's JSON of images, annotations with a bbox, and categories. Export the boxes in that form.`;
  return badData(name, sentence, cause);
}

async function cocoSet({ images, annotations, categories }: Coco, request: SourceRequest): Promise<RawSet> {
  const target = onlyTarget(request.targets, request.name);
  const wanted = pictureWanted(target);
  const folder = await imageFolder(images[0]?.file_name ?? '', request);
  async function* decode(positions: readonly number[]): AsyncGenerator<Picture> {
    for (const position of positions) {
      const name = images[position]?.file_name ?? '';
      yield await decodeImage(path.resolve(folder, name), name, wanted.channels);
    }
  }
  const ordered = [...categories].sort((one, other) => one.id - other.id);
  const places = new Map(images.map(({ id }, place) => [id, place]));
  const { classNames, places: labels } = countedClasses(
    ordered.map(({ name }) => name),
    request,
  );
  const classes = new Map(ordered.map(({ id }, place) => [id, labels[place] ?? place]));
  const boxes: LabelledBox[][] = images.map(() => []);
  for (const { image_id: image, category_id: category, bbox, iscrowd } of annotations) {
    const place = places.get(image);
    const label = classes.get(category);
    const facts = place === undefined ? undefined : images[place];
    if (place === undefined || label === undefined || facts === undefined) {
      throw badData(
        request.name,
        `"${request.name}" has a box of image ${image} and category ${category}, which it does not list.`,
      );
    }
    const [left, top, width, height] = bbox;
    boxes[place]?.push({
      label,
      left: left / facts.width,
      top: top / facts.height,
      right: (left + width) / facts.width,
      bottom: (top + height) / facts.height,
      crowd: iscrowd === 1,
    });
  }
  return {
    arrays: new Map([[target.name, new DecodedPictures(`"${request.name}"`, images.length, wanted, decode)]]),
    labels: null,
    unlabelled: null,
    classNames,
    boxes: images.map((image, place) => framedBoxes(boxes[place] ?? [], image, wanted, wanted.framing)),
    notes: [],
    close: () => Promise.resolve(),
  };
}

async function imageFolder(first: string, { path: file, name }: SourceRequest): Promise<string> {
  for (const folder of IMAGE_FOLDERS.map((one) => path.resolve(path.dirname(file), one))) {
    const isThere = await access(path.resolve(folder, first)).then(
      () => true,
      () => false,
    );
    if (isThere) return folder;
  }
  throw badData(
    name,
    `The images of "${name}" were not found: "${first}" is neither beside it nor in a folder "images". Put them there.`,
  );
}
