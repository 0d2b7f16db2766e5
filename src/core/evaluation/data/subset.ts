import type { DataSet, DataTargets } from './data-set';

/** Some samples of a set, as a set: positions in it, in this order. */
export function subset(set: DataSet, positions: Int32Array): DataSet {
  const place = (index: number): number => positions[index] ?? -1;
  const { labels } = set;
  return {
    source: set.source,
    length: positions.length,
    placeOf: (index) => set.placeOf?.(place(index)) ?? place(index),
    inputs: set.inputs,
    labels: labels === null ? null : positions.map((position) => labels[position] ?? 0),
    classNames: set.classNames,
    ...(set.targets === undefined ? {} : { targets: placedTargets(set.targets, place) }),
    ...(set.boxes === undefined ? {} : { boxes: Array.from(positions, (position) => set.boxes?.[position] ?? []) }),
    ...(set.alphabet === undefined ? {} : { alphabet: set.alphabet }),
    ...(set.texts === undefined ? {} : { texts: Array.from(positions, (position) => set.texts?.[position] ?? '') }),
    batch: (indices) => set.batch(indices.map(place)),
    picture: (index) => set.picture(place(index)),
  };
}

function placedTargets(targets: DataTargets, place: (index: number) => number): DataTargets {
  return {
    names: targets.names,
    shapeOf: (output) => targets.shapeOf(output),
    read: (indices) => targets.read(indices.map(place)),
  };
}
