/** Passes of Lloyd's algorithm: on numbers in order, hardly more change anything. */
const PASSES = 30;

/**
 * A table of at most `count` values, ascending, from which values err least, squared (k-means on a line): it begins with
 * equal shares of the values in order. Where no more than `count` values occur, they are the table.
 */
export function clusterTable(values: Float32Array, count: number): Float32Array {
  const sorted = values.slice().sort();
  const few = distinctOf(sorted, count);
  if (few) return Float32Array.from({ length: count }, (_, at) => few[Math.min(at, few.length - 1)] ?? 0);
  const sums = new Float64Array(sorted.length + 1);
  sorted.forEach((value, index) => (sums[index + 1] = (sums[index] ?? 0) + value));
  let table = Float32Array.from(
    { length: count },
    (_, entry) => sorted[Math.floor(((entry + 0.5) * sorted.length) / count)] ?? 0,
  );
  for (let pass = 0; pass < PASSES; pass++) {
    const bounds = [0, ...borders(table).map((border) => firstFrom(sorted, border)), sorted.length];
    const next = table.map((entry, at) => {
      const [from = 0, to = 0] = bounds.slice(at, at + 2);
      return to > from ? ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from) : entry;
    });
    if (next.every((entry, at) => entry === table[at])) break;
    table = next;
  }
  return table;
}

/** The values that occur, ascending; null where they are more than `most`. */
function distinctOf(sorted: Float32Array, most: number): number[] | null {
  const found: number[] = [];
  for (const value of sorted) {
    if (value === found.at(-1)) continue;
    if (found.length === most) return null;
    found.push(value);
  }
  return found;
}

/** For each value the entry that is nearest to it. @param table in any order */
export function nearestEntries(values: Float32Array, table: Float32Array): Float32Array {
  const order = Array.from(table.keys()).sort((a, b) => (table[a] ?? 0) - (table[b] ?? 0));
  const ends = Float32Array.from(borders(Float32Array.from(order, (entry) => table[entry] ?? 0)));
  return values.map((value) => order[firstFrom(ends, value)] ?? 0);
}

/** The middles between entries in order. */
const borders = (table: Float32Array): number[] =>
  Array.from(table.subarray(1), (entry, at) => (entry + (table[at] ?? 0)) / 2);

/** The first position in sorted numbers whose number is at least `value`. */
function firstFrom(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
