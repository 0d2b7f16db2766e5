import type { Node } from '../model/model';
import { dividedProduct } from './divided-product';
import { gatheredRows } from './gathered-rows';
import type { GraphIndex } from './graph-order';
import type { LogicalWeight, WeightResolver } from './logical-weights';

/** One layer that a file holds as several nodes, since its weight was too large to be unpacked whole. */
export interface CompositeLayer {
  /** The node that the layer would be were it whole: no node of the graph. */
  readonly node: Node;
  readonly weight: LogicalWeight;
  /** The one of `nodes` that gives the layer's output. */
  readonly last: Node;
  /** Every node that belongs to it. */
  readonly nodes: readonly Node[];
}

/** Ways in which a layer is several nodes: one more is one function and one line. */
const WAYS: readonly ((node: Node, index: GraphIndex, resolver: WeightResolver) => CompositeLayer | null)[] = [
  dividedProduct,
  gatheredRows,
];

/** The layers of a graph that are several nodes, by each of their nodes. */
export function compositeLayers(index: GraphIndex, resolver: WeightResolver): ReadonlyMap<Node, CompositeLayer> {
  const found = new Map<Node, CompositeLayer>();
  for (const node of index.graph.nodes) {
    for (const way of WAYS) {
      const layer = way(node, index, resolver);
      layer?.nodes.forEach((member) => found.set(member, layer));
    }
  }
  return found;
}
