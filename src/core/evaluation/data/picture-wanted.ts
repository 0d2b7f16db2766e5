import { EdgewiseError } from '../../errors';
import { shapeText } from './complaint';
import { framingOf, type Framing } from './framing';
import { pictureSection } from './picture-section';
import type { InputTarget } from './raw-set';

/** The picture that a model's input wants of every image, whatever size and channels the image has. */
export interface PictureWanted {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly blueFirst: boolean;
  readonly framing: Framing;
}

/**
 * What the recipe declares, and for the rest what the model's input says.
 * @throws EdgewiseError `bad-recipe` saying what to declare, where both leave it open
 */
export function pictureWanted(target: InputTarget): PictureWanted {
  const section = pictureSection(target);
  const model = sizesOfInput(target);
  const [height, width] = section.size ?? [model.height, model.width];
  if (height === null || width === null) throw declare(target, 'size: [height, width]');
  const channels = channelsOf(section.channels) ?? model.channels;
  if (channels !== 1 && channels !== 3) throw declare(target, 'channels: gray, rgb or bgr');
  return { width, height, channels, blueFirst: section.channels === 'bgr', framing: framingOf(section) };
}

interface Sizes {
  readonly height: number | null;
  readonly width: number | null;
  readonly channels: number | null;
}

/** Sizes as the model's input states them; channels first unless the layout, or the numbers, say last. */
function sizesOfInput({ shape, section }: InputTarget): Sizes {
  const [first = null, second = null, third = null] = shape ?? [];
  if (shape?.length === 2) return { height: first, width: second, channels: 1 };
  if (shape?.length !== 3) return { height: null, width: null, channels: null };
  const looksLast = !isChannels(first) && isChannels(third);
  const last = section?.layout === undefined ? looksLast : section.layout === 'NHWC';
  return last ? { height: first, width: second, channels: third } : { height: second, width: third, channels: first };
}

function isChannels(size: number | null): boolean {
  return size === 1 || size === 3;
}

function channelsOf(declared: 'gray' | 'rgb' | 'bgr' | undefined): 1 | 3 | null {
  if (declared === undefined) return null;
  return declared === 'gray' ? 1 : 3;
}

function declare({ name, shape }: InputTarget, what: string): EdgewiseError {
  const takes = shape === null ? 'any shape' : shapeText(shape);
  return new EdgewiseError(
    'bad-recipe',
    `The model's input ${name} takes ${takes}, which does not say what images to make. Declare data.input.${what} in the recipe.`,
  );
}
