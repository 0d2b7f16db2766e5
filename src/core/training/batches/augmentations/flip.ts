import type { PictureChange } from './picture';

/** Mirrors left to right, half of the time. */
export const flip: PictureChange = (values, { height, width, channels, row, column, channel }, random) => {
  if (random() < 0.5) return;
  for (let plane = 0; plane < channels; plane++)
    for (let y = 0; y < height; y++) {
      const start = plane * channel + y * row;
      for (let left = start, right = start + (width - 1) * column; left < right; left += column, right -= column) {
        const kept = values[left] ?? 0;
        values[left] = values[right] ?? 0;
        values[right] = kept;
      }
    }
};
