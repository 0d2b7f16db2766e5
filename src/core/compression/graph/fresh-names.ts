import { subgraphsOf } from '../../analysis/graph-order';
import type { Graph } from '../../model/model';

/** Names for new values and weights that no graph of the model uses yet. */
export class FreshNames {
  private readonly taken = new Set<string>();
  private readonly next: Map<string, number>;
  private readonly before: FreshNames | null;

  /** @param from the graph, or names that stay as they are while those given here go on from them */
  constructor(from: Graph | FreshNames) {
    this.before = from instanceof FreshNames ? from : null;
    this.next = new Map(this.before?.next);
    if (!(from instanceof FreshNames)) this.take(from);
  }

  /** `prefix0`, `prefix1`, …: short, since a small network's file is mostly names. */
  numbered(prefix: string): string {
    for (let number = this.next.get(prefix) ?? 0; ; number++) {
      const name = `${prefix}${number.toString(36)}`;
      if (this.isTaken(name)) continue;
      this.next.set(prefix, number + 1);
      this.taken.add(name);
      return name;
    }
  }

  /** The name itself, or with a number after it when it is taken. */
  like(name: string): string {
    if (this.isTaken(name)) return this.numbered(`${name}_`);
    this.taken.add(name);
    return name;
  }

  private isTaken(name: string): boolean {
    return this.taken.has(name) || (this.before?.isTaken(name) ?? false);
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
