import { subgraphsOf } from '../../analysis/graph-order';
import type { Graph } from '../../model/model';

/** Names for new values and weights that no graph of the model uses yet. */
export class FreshNames {
  private readonly taken = new Set<string>();
  private readonly next = new Map<string, number>();

  constructor(graph: Graph) {
    this.take(graph);
  }

  /** `prefix0`, `prefix1`, …: short, since a small network's file is mostly names. */
  numbered(prefix: string): string {
    for (let number = this.next.get(prefix) ?? 0; ; number++) {
      const name = `${prefix}${number.toString(36)}`;
      if (this.taken.has(name)) continue;
      this.next.set(prefix, number + 1);
      this.taken.add(name);
      return name;
    }
  }

  /** The name itself, or with a number after it when it is taken. */
  like(name: string): string {
    if (this.taken.has(name)) return this.numbered(`${name}_`);
    this.taken.add(name);
    return name;
  }

  private take(graph: Graph): void {
    for (const name of graph.weights.keys()) this.taken.add(name);
    for (const value of [...graph.inputs, ...graph.outputs]) this.taken.add(value.name);
    for (const node of graph.nodes) {
      for (const name of [...node.inputs, ...node.outputs]) this.taken.add(name);
      for (const subgraph of subgraphsOf(node)) this.take(subgraph);
    }
  }
}
