import { EdgewiseError } from '../../errors';
import { elementsOf } from '../../model/model';
import { badData, shapeText } from './complaint';
import type { InputTarget, PictureOrder, RawArray } from './raw-set';

/** How a sample's values become what the model takes. */
export interface Fit {
  /** Of one sample for the model. */
  readonly shape: readonly number[];
  /** For each value of the result, where in the raw sample it lies; null: in the same order. */
  readonly gather: Int32Array | null;
  /** The axis of `shape` that holds channels; null where there is none. */
  readonly channelAxis: number | null;
}

interface Candidate {
  readonly shape: readonly number[];
  readonly permute: 'first' | 'last' | null;
  readonly channelAxis: number | null;
}

/**
 * Samples as they are where their shape is the model's; otherwise with channels moved, or dimensions of 1 and
 * flattening undone.
 * @throws EdgewiseError `bad-data` with both shapes
 */
export function fitShape(array: RawArray, target: InputTarget, file: string): Fit {
  const candidates = candidatesOf(array, target);
  const chosen = candidates.find(({ shape }) => agrees(shape, target.shape)) ?? reshaped(array, target);
  if (chosen === null) {
    const wanted = target.shape === null ? 'any' : shapeText(target.shape);
    throw badData(
      file,
      `${array.title} holds samples of ${shapeText(array.shape)}; the model's input ${target.name} takes ${wanted}.${advice(array, target)}`,
    );
  }
  const gather = chosen.permute === null ? null : moveChannels(array.shape, chosen.permute);
  return { shape: chosen.shape, gather, channelAxis: chosen.channelAxis };
}

function candidatesOf({ shape, order }: RawArray, { section, shape: wanted }: InputTarget): Candidate[] {
  const [first = 1, second = 1, third = 1] = shape;
  const asIs: Candidate = { shape, permute: null, channelAxis: channelAxisOf(order) };
  const channelsFirst: Candidate[] =
    order === 'HWC' ? [{ shape: [third, first, second], permute: 'first', channelAxis: 0 }] : [];
  const channelsLast: Candidate[] =
    order === 'CHW' ? [{ shape: [second, third, first], permute: 'last', channelAxis: 2 }] : [];
  const gray: Candidate[] =
    order === 'HW'
      ? [
          { shape: [1, first, second], permute: null, channelAxis: 0 },
          { shape: [first, second, 1], permute: null, channelAxis: 2 },
        ]
      : [];
  // With free dimensions both orders can agree: then the layout decides.
  const layout = wanted !== null && !wanted.includes(null) ? 'as-is' : (section?.layout ?? layoutOf(wanted));
  if (layout === 'NCHW') return [...channelsFirst, ...gray, asIs];
  if (layout === 'NHWC') return [...channelsLast, ...gray.reverse(), asIs];
  return [asIs, ...channelsFirst, ...channelsLast, ...gray];
}

/** The layout of a model's input whose height and width are free. */
function layoutOf(wanted: InputTarget['shape']): 'NCHW' | 'NHWC' | 'as-is' {
  const isChannels = (size: number | null | undefined): boolean => size === 1 || size === 3;
  if (wanted?.length !== 3) return 'as-is';
  if (isChannels(wanted[0])) return 'NCHW';
  return isChannels(wanted[2]) ? 'NHWC' : 'as-is';
}

function channelAxisOf(order: PictureOrder | null): number | null {
  return order === null || order === 'HW' ? null : order === 'CHW' ? 0 : 2;
}

function agrees(shape: readonly number[], wanted: InputTarget['shape']): boolean {
  if (wanted === null) return true;
  return shape.length === wanted.length && wanted.every((size, axis) => size === null || size === shape[axis]);
}

/** The same values in another shape, where only dimensions of 1 or flattening tell them apart. */
function reshaped(array: RawArray, { shape: wanted }: InputTarget): Candidate | null {
  if (wanted === null || wanted.includes(null)) return null;
  const shape = wanted.map(Number);
  const significant = (sizes: readonly number[]): string => sizes.filter((size) => size !== 1).join();
  const flat = array.shape.length === 1 || shape.length === 1;
  const same = significant(array.shape) === significant(shape) || flat;
  if (!same || elementsOf(array.shape) !== elementsOf(shape)) return null;
  return { shape, permute: null, channelAxis: null };
}

function moveChannels(shape: readonly number[], to: 'first' | 'last'): Int32Array {
  const [first = 1, second = 1, third = 1] = shape;
  const channels = to === 'first' ? third : first;
  const plane = to === 'first' ? first * second : second * third;
  const gather = new Int32Array(channels * plane);
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      const planar = channel * plane + pixel;
      const interleaved = pixel * channels + channel;
      if (to === 'first') gather[planar] = interleaved;
      else gather[interleaved] = planar;
    }
  }
  return gather;
}

function advice({ dtype, order, shape }: RawArray, target: InputTarget): string {
  const isPicture = order !== null && shape.length >= 2;
  return isPicture && dtype === 'uint8' && target.section?.size === undefined
    ? ' If images may be resized, declare data.input.size in the recipe.'
    : ' Save the samples in that shape.';
}

/**
 * A figure for each value of a sample, from one for all or a list by channel.
 * @throws EdgewiseError `bad-recipe` when the list does not fit the channels
 */
export function byChannel(figures: number | readonly number[], fit: Fit, what: string): Float64Array {
  const sample = elementsOf(fit.shape);
  if (typeof figures === 'number') return new Float64Array(sample).fill(figures);
  const axis = fit.channelAxis ?? [0, fit.shape.length - 1].find((one) => fit.shape[one] === figures.length) ?? 0;
  const channels = fit.shape[axis] ?? 1;
  if (channels !== figures.length) {
    throw new EdgewiseError(
      'bad-recipe',
      `The recipe's data.input.${what} has ${figures.length} values; samples of ${shapeText(fit.shape)} have ${channels} channels.`,
    );
  }
  const inner = elementsOf(fit.shape.slice(axis + 1));
  return Float64Array.from({ length: sample }, (_, index) => figures[Math.floor(index / inner) % channels] ?? 0);
}
