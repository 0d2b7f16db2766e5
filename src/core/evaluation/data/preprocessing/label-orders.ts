/** A way in which data's labels may stand for a model's classes. */
export interface LabelOrder {
  /** Added to each label. */
  readonly offset: number;
  /** Class names in another order than the data's; null where they stay. */
  readonly labels: readonly string[] | null;
  /** The model's class of a label of the data. */
  classOf(label: number): number;
}

/** Models that count a class of background first, and labels that do. */
const OFFSETS = [0, 1, -1];

const byNumber = new Intl.Collator('en', { numeric: true });

/** How tools sort names of classes: by their signs, as Python does, or by the numbers in them, as people do. */
const SORTINGS: readonly ((one: string, other: string) => number)[] = [
  (one, other) => (one < other ? -1 : Number(one > other)),
  (one, other) => byNumber.compare(one, other),
];

/**
 * Every usual order, the data's own first: "1, 10, 2" of folders is "1, 2, 10" to many a model.
 * @param classNames in the data's order; null where labels are only numbers
 */
export function labelOrders(classNames: readonly string[] | null): LabelOrder[] {
  const shifted = OFFSETS.map((offset): LabelOrder => ({ offset, labels: null, classOf: (label) => label + offset }));
  if (classNames === null) return shifted;
  const seen = new Set([classNames.join('\n')]);
  const sorted = SORTINGS.flatMap((sorting): LabelOrder[] => {
    const labels = [...classNames].sort(sorting);
    if (seen.has(labels.join('\n'))) return [];
    seen.add(labels.join('\n'));
    const places = new Map(labels.map((name, place) => [name, place]));
    return [{ offset: 0, labels, classOf: (label) => places.get(classNames[label] ?? '') ?? -1 }];
  });
  return [...shifted, ...sorted];
}
