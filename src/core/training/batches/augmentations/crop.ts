import type { PictureChange } from './picture';

/** The two pixels between which a position lies, as offsets, and the share of the second. */
interface Between {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/**
 * Cuts out a window of the picture's own proportions that holds at least `least` of its area, anywhere, and resizes it
 * to the whole, bilinear with pixels' centres at halves (as `align_corners=False`).
 */
export function crop(least: number): PictureChange {
  return (values, { height, width, channels, row, column, channel }, random) => {
    const side = Math.sqrt(least + (1 - least) * random());
    const rows = windowOf(height, side, random(), row);
    const columns = windowOf(width, side, random(), column);
    const before = values.slice();
    for (let plane = 0; plane < channels; plane++) {
      const start = plane * channel;
      const at = (offset: number): number => before[start + offset] ?? 0;
      rows.forEach((y, top) => {
        columns.forEach((x, left) => {
          const upper = at(y.first + x.first) * (1 - x.share) + at(y.first + x.second) * x.share;
          const lower = at(y.second + x.first) * (1 - x.share) + at(y.second + x.second) * x.share;
          values[start + top * row + left * column] = upper * (1 - y.share) + lower * y.share;
        });
      });
    }
  };
}

function windowOf(length: number, side: number, place: number, stride: number): Between[] {
  const begin = place * (length - length * side);
  return Array.from({ length }, (_, index) => {
    const position = Math.min(length - 1, Math.max(0, begin + (index + 0.5) * side - 0.5));
    const first = Math.floor(position);
    return { first: first * stride, second: Math.min(length - 1, first + 1) * stride, share: position - first };
  });
}
