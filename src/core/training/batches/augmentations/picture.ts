import type { DataInput } from '../../../evaluation/data';

/** How pictures lie in an input's samples, and what stands for black in each channel. */
export interface PictureLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Values from one row, column or channel to the next. */
  readonly row: number;
  readonly column: number;
  readonly channel: number;
  readonly black: readonly number[];
}

/** Changes one picture in place. @param random numbers from 0 to 1, by the sample's seed */
export type PictureChange = (values: Float32Array, layout: PictureLayout, random: () => number) => void;

/** Null for an input whose samples are no pictures. */
export function layoutOf({ shape, picture }: DataInput): PictureLayout | null {
  if (picture === undefined) return null;
  const { channelAxis, black } = picture;
  const [height = 1, width = 1] = shape.filter((_, axis) => axis !== channelAxis);
  const channels = channelAxis === null ? 1 : (shape[channelAxis] ?? 1);
  const strides =
    channelAxis === 2
      ? { row: width * channels, column: channels, channel: 1 }
      : { row: width, column: 1, channel: height * width };
  return { height, width, channels, black, ...strides };
}
