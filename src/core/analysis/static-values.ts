import type { Node } from '../model/model';
import type { GraphIndex } from './graph-order';
import { subgraphsOf } from './graph-order';
import type { LogicalWeight, WeightResolver } from './logical-weights';

/** What shape arithmetic starts from: it depends on shapes, never on the data that runs through. */
const SHAPE_QUERIES: ReadonlySet<string> = new Set(['Shape', 'Size', 'Constant']);

/** Nodes behind one input that are searched for weights; gate reordering and weight norm take a few dozen. */
const MAX_SEARCHED_NODES = 256;

/** Tells values that are the same for every input of the model (constants, shapes, weights) from activations. */
export class StaticValues {
  private readonly names = new Set<string>();
  private readonly nodes = new Set<Node>();
  private readonly inputs: ReadonlySet<string>;

  constructor(
    private readonly index: GraphIndex,
    private readonly resolver: WeightResolver | null,
    private readonly outer: StaticValues | null,
  ) {
    this.inputs = new Set(index.graph.inputs.map((value) => value.name));
    for (const name of index.graph.weights.keys()) this.names.add(name);
    for (const node of index.order) {
      if (!this.computesStatic(node)) continue;
      this.nodes.add(node);
      node.outputs.forEach((name) => this.names.add(name));
    }
  }

  private computesStatic(node: Node): boolean {
    if (SHAPE_QUERIES.has(node.opType)) return true;
    if (subgraphsOf(node).length > 0) return false;
    const read = node.inputs.filter((name) => name !== '');
    return read.length > 0 && read.every((name) => this.has(name));
  }

  has(name: string): boolean {
    if (this.names.has(name)) return true;
    const own = this.index.producer.has(name) || this.inputs.has(name);
    return !own && (this.outer?.has(name) ?? false);
  }

  computes(node: Node): boolean {
    return this.nodes.has(node);
  }

  /** Weights from which a static value is computed in a way that is no plain unpacking: reordered gates, weight norm. */
  sources(value: string): LogicalWeight[] {
    const found = new Map<string, LogicalWeight>();
    const waiting = [value];
    const seen = new Set(waiting);
    while (waiting.length > 0 && seen.size <= MAX_SEARCHED_NODES) {
      const name = waiting.pop() ?? '';
      const weight = this.resolver?.weightOf(name);
      if (weight) {
        found.set(weight.name, weight);
        continue;
      }
      const node = this.index.producer.get(name);
      if (node === undefined || !this.nodes.has(node) || node.opType === 'Shape' || node.opType === 'Size') continue;
      for (const input of node.inputs) {
        if (input === '' || seen.has(input)) continue;
        seen.add(input);
        waiting.push(input);
      }
    }
    return [...found.values()];
  }
}
