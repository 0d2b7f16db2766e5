import { indexGraph, type GraphIndex } from '../../../analysis/graph-order';
import { constantNumbers } from '../../../analysis/tensor-constants';
import type { Graph, Node } from '../../../model/model';
import { intAttribute, intsAttribute } from '../../graph/attributes';
import { clipLimit } from '../equalization/links';
import { clipped, collapsed, unclipped, type ChannelStatistics, type ValueStatistics } from './channel-statistics';

type Known = (input: number) => ChannelStatistics | null;

/** What an operator makes of channels that are known; null where that cannot be told. */
type Rule = (node: Node, known: Known, index: GraphIndex) => ChannelStatistics | null;

/**
 * Operators whose outputs can be told. A new one is one line. Sums are not among them: a residual network's summands
 * depend on each other, and taking them to be independent costs more than it wins.
 */
const RULES: Readonly<Record<string, Rule>> = {
  Identity: (_node, known) => known(0),
  Relu: (_node, known) =>
    clippedTo(
      known(0),
      () => 0,
      () => Infinity,
    ),
  Clip: (node, known, index) => {
    const low = clipLimit(node, 1, 'min', index, -Infinity);
    const high = clipLimit(node, 2, 'max', index, Infinity);
    return low === null || high === null
      ? null
      : clippedTo(
          known(0),
          () => low,
          () => high,
        );
  },
  Min: (node, known, index) => {
    const bounds = index.graph.weights.get(node.inputs[1] ?? '');
    const numbers = bounds === undefined ? null : constantNumbers(bounds);
    if (numbers === null || node.inputs.length !== 2) return null;
    return clippedTo(
      known(0),
      () => -Infinity,
      (channel) => numbers[channel % numbers.length] ?? Infinity,
    );
  },
  AveragePool: (node, known) =>
    (intsAttribute(node, 'pads') ?? []).some((pad) => pad !== 0) ? null : averaged(known(0)),
  GlobalAveragePool: (_node, known) => averaged(known(0)),
  Flatten: (node, known) => (intAttribute(node, 'axis', 1) === 1 ? known(0) : null),
};

/**
 * The statistics of every value that follows from those that are given, through operators that say what they make of
 * them. Values that are given keep theirs.
 */
export function propagated(graph: Graph, given: ValueStatistics): ValueStatistics {
  const index = indexGraph(graph);
  const found = new Map(given);
  for (const node of index.order) {
    const output = node.outputs[0] ?? '';
    const rule = node.domain === '' ? RULES[node.opType] : undefined;
    if (rule === undefined || found.has(output)) continue;
    const made = rule(node, (input) => found.get(node.inputs[input] ?? '') ?? null, index);
    if (made !== null) found.set(output, made);
  }
  return found;
}

function clippedTo(
  statistics: ChannelStatistics | null,
  least: (channel: number) => number,
  most: (channel: number) => number,
): ChannelStatistics | null {
  return statistics === null ? null : clipped(statistics, least, most);
}

/** Means stay; how much less averages deviate depends on how alike neighbours are. */
function averaged(statistics: ChannelStatistics | null): ChannelStatistics | null {
  return statistics === null ? null : unclipped(collapsed(statistics).mean, null);
}
