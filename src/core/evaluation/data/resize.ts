import type { Picture } from './data-set';

/** Where one output position gets its value from: `weights` of the inputs from `first` on. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Bilinear resizing as training scripts do it (Pillow's and torchvision's antialiased filter): the triangle widens with
 * the reduction, pixel centres lie at halves, bytes are rounded after each of the two passes.
 */
export function resize(picture: Picture, width: number, height: number): Picture {
  if (picture.width === width && picture.height === height) return picture;
  const { channels } = picture;
  const wide = pass(picture.pixels, taps(picture.width, width), {
    lines: picture.height,
    lineStride: picture.width * channels,
    stride: channels,
    outLineStride: width * channels,
    channels,
  });
  const pixels = pass(wide, taps(picture.height, height), {
    lines: width,
    lineStride: channels,
    stride: width * channels,
    outLineStride: channels,
    channels,
  });
  return { width, height, channels, pixels };
}

function taps(from: number, to: number): Taps[] {
  const ratio = from / to;
  const support = Math.max(ratio, 1);
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * ratio;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const last = Math.min(from, Math.floor(centre + support + 0.5));
    const weights = Float64Array.from({ length: last - first }, (_unused, index) =>
      Math.max(0, 1 - Math.abs((first + index + 0.5 - centre) / support)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

interface Lines {
  readonly lines: number;
  readonly lineStride: number;
  /** From one position of a line to the next, in input and output. */
  readonly stride: number;
  readonly outLineStride: number;
  readonly channels: number;
}

function pass(pixels: Uint8Array, positions: readonly Taps[], layout: Lines): Uint8Array {
  const { lines, lineStride, stride, outLineStride, channels } = layout;
  const out = new Uint8Array(lines * positions.length * channels);
  positions.forEach(({ first, weights }, position) => {
    for (let line = 0; line < lines; line++) {
      for (let channel = 0; channel < channels; channel++) {
        let at = line * lineStride + first * stride + channel;
        let sum = 0.5;
        for (const weight of weights) {
          sum += weight * (pixels[at] ?? 0);
          at += stride;
        }
        out[line * outLineStride + position * stride + channel] = Math.min(255, Math.floor(sum));
      }
    }
  });
  return out;
}
