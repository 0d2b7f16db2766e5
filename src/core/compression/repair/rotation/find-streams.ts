import type { Node } from '../../../model/model';
import type { FoundSpace } from './space';
import type { GraphFacts } from './graph-facts';
import type { Place } from './carriers';
import { StreamSearch } from './stream-search';
import { isNormalization } from './stream-normalization';

/**
 * The spaces whose channels fill an axis: residual streams with the layers and normalizations on them, and layers that
 * follow each other with nothing but sums between them. Those that could not be rotated come with the reason.
 */
export function findStreams(facts: GraphFacts): FoundSpace[] {
  const seen = new Set<string>();
  const found: FoundSpace[] = [];
  for (const place of beginnings(facts)) {
    if (seen.has(place.value)) continue;
    const search = new StreamSearch(facts);
    found.push(search.from(place));
    for (const value of search.values()) seen.add(value);
  }
  return found;
}

/** What normalizations read, then what layers make. */
function beginnings(facts: GraphFacts): Place[] {
  const last = (value: string): Place => ({ value, axis: (facts.shape(value)?.length ?? 0) - 1 });
  const normalized = facts.index.order.filter(isNormalization).map((node: Node) => last(node.inputs[0] ?? ''));
  const made = facts.layers.map(({ node, output }) =>
    node.opType === 'Conv' ? { value: output, axis: 1 } : last(output),
  );
  return [...normalized, ...made];
}
