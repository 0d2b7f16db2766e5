import { EdgewiseError } from '../../errors';
import type { CROPS, InputSection } from '../../recipe/recipe.schema';
import type { LabelledBox, Picture } from './data-set';
import { luma } from './picture';
import { resize } from './resize';

export type Crop = (typeof CROPS)[number];

/** How a picture of any shape comes to the size that a model takes. */
export interface Framing {
  readonly crop: Crop;
  /** Pixels of the shorter side before the middle is cut out; null: just enough to fill the size. */
  readonly shorterSide: number | null;
  /** Gray, or red, green and blue, 0 to 255, of what the picture does not cover. */
  readonly pad: number | readonly number[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a picture, resized to `width` by `height`, lies in what the model takes; negative where it is cut. */
interface Placement extends Size {
  readonly left: number;
  readonly top: number;
}

/** What Ultralytics' letterbox pads with. */
const LETTERBOX_GRAY = 114;
/** What a long and narrow picture may have when its shorter side has what was asked for. */
const MOST_PIXELS = 100e6;

/** @throws EdgewiseError `bad-recipe` for fields that say nothing together */
export function framingOf({ crop = 'stretch', shorterSide, pad }: InputSection): Framing {
  if (shorterSide !== undefined && crop !== 'center') throw useless('shorterSide', 'center');
  if (pad !== undefined && crop === 'stretch') throw useless('pad', 'letterbox');
  return { crop, shorterSide: shorterSide ?? null, pad: pad ?? (crop === 'letterbox' ? LETTERBOX_GRAY : 0) };
}

function useless(field: string, crop: Crop): EdgewiseError {
  return new EdgewiseError(
    'bad-recipe',
    `The recipe has data.input.${field}, which goes with data.input.crop: ${crop}. Add that, or leave ${field} out.`,
  );
}

/** A picture in the size that a model takes. */
export function framed(picture: Picture, size: Size, framing: Framing): Picture {
  if (framing.crop === 'stretch') return resize(picture, size.width, size.height);
  const place = placementOf(picture, size, framing);
  return placed(resize(picture, place.width, place.height), place, size, framing.pad);
}

/**
 * Boxes of a picture as shares of what the model takes of it: those that were cut away are gone, those that were cut
 * keep what is left of them.
 * @param picture the size of the picture that the boxes are shares of
 */
export function framedBoxes(
  boxes: readonly LabelledBox[],
  picture: Size,
  size: Size,
  framing: Framing,
): readonly LabelledBox[] {
  if (framing.crop === 'stretch') return boxes;
  const { width, height, left, top } = placementOf(picture, size, framing);
  const across = (share: number): number => within((share * width + left) / size.width);
  const down = (share: number): number => within((share * height + top) / size.height);
  const moved = boxes.map((box) => ({
    ...box,
    left: across(box.left),
    right: across(box.right),
    top: down(box.top),
    bottom: down(box.bottom),
  }));
  return moved.filter((box) => box.right > box.left && box.bottom > box.top);
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function placementOf(picture: Size, size: Size, { crop, shorterSide }: Framing): Placement {
  const resized = crop === 'center' ? covering(picture, size, shorterSide) : inside(picture, size);
  const place = crop === 'center' ? middle : evenly;
  return { ...resized, left: place(size.width - resized.width), top: place(size.height - resized.height) };
}

/** Torchvision's `Resize(shorter)`: the longer side is cut off to whole pixels. */
function covering({ width, height }: Size, size: Size, shorterSide: number | null): Size {
  if (shorterSide === null) {
    const ratio = Math.max(size.width / width, size.height / height);
    return limited({ width: rounded(width * ratio), height: rounded(height * ratio) });
  }
  const longer = Math.max(1, Math.trunc((shorterSide * Math.max(width, height)) / Math.min(width, height)));
  return limited(width <= height ? { width: shorterSide, height: longer } : { width: longer, height: shorterSide });
}

/** Ultralytics' `LetterBox`: as large as fits. */
function inside({ width, height }: Size, size: Size): Size {
  const ratio = Math.min(size.width / width, size.height / height);
  return { width: Math.max(1, rounded(width * ratio)), height: Math.max(1, rounded(height * ratio)) };
}

function limited(size: Size): Size {
  if (size.width * size.height <= MOST_PIXELS) return size;
  throw new EdgewiseError(
    'bad-data',
    `A picture is so long and narrow that resizing its shorter side makes it ${size.width} x ${size.height} pixels. Remove it, or use data.input.crop: letterbox.`,
  );
}

/** As Python rounds: halves to the even number. */
function rounded(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}

/** Torchvision's `CenterCrop`: what is missing is padded by the smaller half before. */
function middle(room: number): number {
  return room >= 0 ? Math.floor(room / 2) : -rounded(-room / 2);
}

/** Ultralytics': the smaller half before. */
function evenly(room: number): number {
  return Math.floor(room / 2);
}

function placed(picture: Picture, { left, top }: Placement, size: Size, pad: Framing['pad']): Picture {
  const { channels } = picture;
  const pixels = background(size, channels, pad);
  const first = Math.max(0, -left);
  const columns = Math.min(picture.width, size.width - left) - first;
  for (let row = Math.max(0, -top); row < picture.height && row + top < size.height; row++) {
    const from = (row * picture.width + first) * channels;
    const to = ((row + top) * size.width + first + left) * channels;
    pixels.set(picture.pixels.subarray(from, from + columns * channels), to);
  }
  return { ...size, channels, pixels };
}

function background({ width, height }: Size, channels: 1 | 3, pad: Framing['pad']): Uint8Array {
  const pixels = new Uint8Array(width * height * channels);
  if (typeof pad === 'number') return pixels.fill(pad);
  if (channels === 1) return pixels.fill(luma(pad[0] ?? 0, pad[1] ?? 0, pad[2] ?? 0));
  return pixels.map((_, at) => pad[at % 3] ?? 0);
}
