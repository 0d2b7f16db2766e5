import type { PictureChange } from './picture';

/**
 * Moves a picture by whole pixels, up to `most` each way and each direction as likely. What comes in from outside is
 * black: the value that preprocessing makes of a pixel of 0.
 */
export function shift(most: number): PictureChange {
  return (values, { height, width, channels, row, column, channel, black }, random) => {
    const draw = (): number => Math.floor(random() * (2 * most + 1)) - most;
    const [down, right] = [draw(), draw()];
    if (down === 0 && right === 0) return;
    const before = values.slice();
    for (let plane = 0; plane < channels; plane++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [fromY, fromX] = [y - down, x - right];
          const isInside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
          values[plane * channel + y * row + x * column] = isInside
            ? (before[plane * channel + fromY * row + fromX * column] ?? 0)
            : (black[plane] ?? 0);
        }
  };
}
