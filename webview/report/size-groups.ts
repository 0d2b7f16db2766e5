import type { Report, ReportLayer } from './report-types';

export interface SizeGroup {
  name: string;
  before: number;
  after: number;
}

/** Parts of a bar that can still be told apart. */
const MOST_GROUPS = 8;
const OTHERS = 'other layers';
const REST = 'graph and names';

/**
 * Bytes of the files by groups of layers: by the first part in which names of layers differ, the largest first; beyond
 * some, the others together; last, what belongs to no layer.
 */
export function sizeGroups({ layers, before, after, output }: Report): SizeGroup[] {
  const groups = new Map<string, SizeGroup>();
  const depth = commonDepth(layers);
  for (const layer of layers) {
    const name = layer.name
      .split('.')
      .slice(0, depth + 1)
      .join('.');
    const group = groups.get(name) ?? { name, before: 0, after: 0 };
    groups.set(name, { name, before: group.before + layer.bytesBefore, after: group.after + layer.bytesAfter });
  }
  const sorted = [...groups.values()].filter((group) => group.before + group.after > 0).sort(bySize);
  const [shown, others] =
    sorted.length > MOST_GROUPS ? [sorted.slice(0, MOST_GROUPS - 1), sorted.slice(MOST_GROUPS - 1)] : [sorted, []];
  const named = others.length > 0 ? [...shown, { name: OTHERS, ...sum(others) }] : shown;
  const known = sum(named);
  // A tensor that several layers share counts in each of them.
  const rest = { before: Math.max(0, before.bytes - known.before), after: Math.max(0, after.bytes - known.after) };
  return output === null && after.bytes === 0 ? named : [...named, { name: REST, ...rest }];
}

const bySize = (a: SizeGroup, b: SizeGroup): number => b.before - a.before || b.after - a.after;

const sum = (groups: readonly SizeGroup[]): { before: number; after: number } => ({
  before: groups.reduce((total, group) => total + group.before, 0),
  after: groups.reduce((total, group) => total + group.after, 0),
});

/** How many parts all names begin with: "model.encoder" of "model.encoder.0" and "model.encoder.1". */
function commonDepth(layers: readonly ReportLayer[]): number {
  const [first = [], ...rest] = layers.map(({ name }) => name.split('.'));
  let depth = 0;
  while (depth < first.length - 1 && rest.every((parts) => parts.length > depth + 1 && parts[depth] === first[depth])) {
    depth++;
  }
  return depth;
}
