import type { MatrixLayer } from './matrix-layers';

/** Runs over the samples, at most: in deeper models several layers are done on the same inputs. */
const MAX_ROUNDS = 48;

/**
 * Layers in rounds that are done on the same inputs: those that read one value, more where there would be too many
 * rounds, and no more than `limit` bytes of what `bytesOf` each takes.
 */
export function roundsOf<T extends { readonly layer: MatrixLayer }>(
  planned: readonly T[],
  bytesOf: (layer: MatrixLayer) => number,
  limit: number,
): T[][] {
  const each = Math.ceil(new Set(planned.map(({ layer }) => layer.input)).size / MAX_ROUNDS);
  const all: T[][] = [];
  let read = new Set<string>();
  let held = 0;
  for (const one of planned) {
    const bytes = bytesOf(one.layer);
    const fits = held + bytes <= limit && (read.has(one.layer.input) || read.size < each);
    const round = all.at(-1);
    if (round !== undefined && fits) {
      round.push(one);
    } else {
      all.push([one]);
      read = new Set();
      held = 0;
    }
    held += bytes;
    read.add(one.layer.input);
  }
  return all;
}
