import type { DataSet } from './data-set';

/** Some samples of a set, as a set: positions in it, in this order. */
export function subset(set: DataSet, positions: Int32Array): DataSet {
  const place = (index: number): number => positions[index] ?? -1;
  const { labels } = set;
  return {
    source: set.source,
    length: positions.length,
    inputs: set.inputs,
    labels: labels === null ? null : positions.map((position) => labels[position] ?? 0),
    classNames: set.classNames,
    batch: (indices) => set.batch(indices.map(place)),
    picture: (index) => set.picture(place(index)),
  };
}
