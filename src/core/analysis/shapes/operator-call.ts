import type { Graph, Node, Weight } from '../../model/model';
import type { Extent } from './extent';
import type { Facts } from './facts';
import { UNKNOWN } from './facts';

/** Facts of a node's outputs from those of its inputs. Total: anything it cannot tell is unknown, it never throws. */
export type ShapeRule = (call: OperatorCall) => Facts | readonly Facts[];

/** One node as a rule sees it. */
export class OperatorCall {
  constructor(
    readonly node: Node,
    /** Version of the node's operator set. */
    readonly opset: number,
    readonly inputs: readonly Facts[],
    /** Infers a subgraph whose formal inputs have the given facts; gives its outputs. */
    readonly inferSubgraph: (graph: Graph, inputs: readonly Facts[]) => readonly Facts[],
  ) {}

  input(index: number): Facts {
    return this.inputs[index] ?? UNKNOWN;
  }

  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  /** The elements of an input, where they are known. */
  values(index: number): readonly Extent[] | null {
    return this.input(index).value ?? null;
  }

  int(name: string, fallback: number): number {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'int' ? attribute.value : fallback;
  }

  float(name: string): number | null {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'float' ? attribute.value : null;
  }

  ints(name: string): readonly number[] | null {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'ints' ? attribute.value : null;
  }

  text(name: string, fallback: string): string {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'string' ? attribute.value : fallback;
  }

  tensor(name: string): Weight | null {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'tensor' ? attribute.value : null;
  }

  graph(name: string): Graph | null {
    const attribute = this.node.attributes.get(name);
    return attribute?.kind === 'graph' ? attribute.value : null;
  }

  /** Axes from an attribute (older operator sets) or from an input (newer ones); null where neither says. */
  axes(attribute: string, inputIndex: number): readonly Extent[] | null {
    return this.ints(attribute) ?? this.values(inputIndex);
  }
}
