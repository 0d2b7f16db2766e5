import type { DataSet } from './data-set';

/** The first `count` samples of a set, as a set. */
export function firstSamples(set: DataSet, count: number): DataSet {
  if (count >= set.length) return set;
  return {
    source: set.source,
    length: count,
    inputs: set.inputs,
    labels: set.labels?.subarray(0, count) ?? null,
    classNames: set.classNames,
    ...(set.targets === undefined ? {} : { targets: set.targets }),
    ...(set.boxes === undefined ? {} : { boxes: set.boxes.slice(0, count) }),
    ...(set.alphabet === undefined ? {} : { alphabet: set.alphabet }),
    ...(set.texts === undefined ? {} : { texts: set.texts.slice(0, count) }),
    batch: (indices) => set.batch(indices),
    picture: (index) => set.picture(index),
  };
}
