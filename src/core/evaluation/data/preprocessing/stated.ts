import type { InputSection } from '../../../recipe/recipe.schema';
import type { Scheme } from './schemes';

/** What a model's own metadata say about the pictures that it takes. */
export interface StatedPreprocessing {
  readonly input: InputSection;
  /** Class names in the order of the outputs; null where there are none. */
  readonly labels: readonly string[] | null;
}

/** Ranges of ONNX's own metadata for pictures (docs/MetadataProps.md of the ONNX repository). */
const PIXEL_RANGES: Readonly<Record<string, Pick<InputSection, 'scale' | 'mean'>>> = {
  NominalRange_0_255: { scale: 1 },
  Normalized_0_1: { scale: 1 / 255 },
  Normalized_1_1: { scale: 2 / 255, mean: 1 },
};
const PIXEL_FORMATS: Readonly<Record<string, InputSection['channels']>> = { Gray8: 'gray', Rgb8: 'rgb', Bgr8: 'bgr' };
/** How Ultralytics' networks are fed, by what they do. */
const CROP_OF_TASK: Readonly<Record<string, NonNullable<InputSection['crop']>>> = {
  detect: 'letterbox',
  segment: 'letterbox',
  pose: 'letterbox',
  obb: 'letterbox',
  classify: 'center',
};
/** More names than this are no classes. */
const MOST_NAMES = 100_000;

/**
 * Preprocessing from `metadata_props`: ONNX's `Image.*`, and what Ultralytics writes (`imgsz`, `task`, `names`; its
 * networks take RGB from 0 to 1). Null where they say nothing.
 */
export function statedPreprocessing(metadata: ReadonlyMap<string, string>): StatedPreprocessing | null {
  const channels = PIXEL_FORMATS[metadata.get('Image.BitmapPixelFormat') ?? ''];
  const range = PIXEL_RANGES[metadata.get('Image.NominalPixelRange') ?? ''];
  const size = sizeOf(metadata.get('imgsz'));
  const labels = namesOf(metadata.get('names'));
  const crop = CROP_OF_TASK[metadata.get('task') ?? ''];
  const ultralytics = size === undefined ? {} : { size, scale: 1 / 255, ...(crop === undefined ? {} : { crop }) };
  const input: InputSection = { ...ultralytics, ...range, ...(channels === undefined ? {} : { channels }) };
  return Object.keys(input).length === 0 && labels === null ? null : { input, labels };
}

/** What metadata state of pixels, as a scheme to try with the common ones; null where they state nothing of them. */
export function statedScheme(stated: StatedPreprocessing | null): Scheme | null {
  const { scale, mean, deviation, channels } = stated?.input ?? {};
  if (scale === undefined) return null;
  const input = {
    scale,
    ...(mean === undefined ? {} : { mean }),
    ...(deviation === undefined ? {} : { deviation }),
    ...(channels === undefined ? {} : { channels }),
  };
  return { title: "as the model's metadata say", input };
}

/** "[640, 640]": height and width. */
function sizeOf(text: string | undefined): [number, number] | undefined {
  const [, height, width] = /^\[(\d{1,5}), ?(\d{1,5})\]$/.exec(text ?? '') ?? [];
  return height === undefined || width === undefined ? undefined : [Number(height), Number(width)];
}

/** A Python dictionary: "{0: 'person', 1: \"child's bicycle\"}". */
function namesOf(text: string | undefined): readonly string[] | null {
  const names: string[] = [];
  for (const match of (text ?? '').matchAll(/(\d{1,6}): ?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
    const [, place, single, double] = match;
    if (Number(place) !== names.length || names.length === MOST_NAMES) return null;
    names.push((single ?? double ?? '').replace(/\\(.)/g, '$1'));
  }
  return names.length === 0 ? null : names;
}
