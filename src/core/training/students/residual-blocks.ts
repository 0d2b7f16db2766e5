import { indexGraph, type GraphIndex } from '../../analysis/graph-order';
import { inferShapes } from '../../analysis/shapes';
import type { Model, Node } from '../../model/model';

/** A part of a network that adds to what goes past it: `output = past + branch(past)`, both of one shape. */
export interface ResidualBlock {
  readonly past: string;
  readonly output: string;
  readonly addition: Node;
  /** The nodes between `past` and the addition, in order. */
  readonly branch: readonly Node[];
}

/** Blocks that make one layer of the network together: attention and feed-forward of a transformer. */
export type ResidualUnit = readonly ResidualBlock[];

/** The residual blocks of a network in order, those that hold others left out. */
export function residualBlocks(model: Model): ResidualBlock[] {
  const index = indexGraph(model.graph);
  const types = inferShapes(model);
  const shapeOf = (name: string): string | null => {
    const shape = types.get(name)?.shape;
    return shape ? JSON.stringify(shape) : null;
  };
  const found = index.order.flatMap((node) => {
    const block = node.opType === 'Add' && node.domain === '' ? blockAt(node, index) : null;
    if (!block || shapeOf(block.past) === null || shapeOf(block.past) !== shapeOf(block.output)) return [];
    return [block];
  });
  const additions = new Set(found.map(({ addition }) => addition));
  return found.filter(({ branch }) => !branch.some((node) => additions.has(node)));
}

/**
 * Blocks that come again in the same order are one unit, as in transformers: leaving out every second block would leave
 * them attention only.
 */
export function residualUnits(model: Model): ResidualUnit[] {
  const blocks = residualBlocks(model);
  const signatures = blocks.map((block) => signatureOf(block, model));
  const period = periodOf(signatures);
  const units: ResidualUnit[] = [];
  for (let first = 0; first < blocks.length; first += period) units.push(blocks.slice(first, first + period));
  return units;
}

/** What a block computes with: operators and the shapes of their weights. */
export function signatureOf({ branch }: ResidualBlock, { graph }: Model): string {
  return branch
    .filter((node) => node.inputs.some((name) => graph.weights.has(name)))
    .map(({ opType, inputs }) => `${opType} ${inputs.map((name) => graph.weights.get(name)?.shape.join('x') ?? '')}`)
    .join('; ');
}

function periodOf(signatures: readonly string[]): number {
  for (let period = 1; 2 * period <= signatures.length; period++) {
    const repeats = signatures.every((each, at) => at < period || each === signatures[at - period]);
    if (repeats && signatures.length % period === 0) return period;
  }
  return 1;
}

function blockAt(addition: Node, index: GraphIndex): ResidualBlock | null {
  const [left = '', right = ''] = addition.inputs;
  const [output = ''] = addition.outputs;
  for (const [past, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (index.graph.weights.has(past) || past === other) continue;
    const branch = nodesBetween(past, other, index);
    if (branch?.some(({ inputs }) => inputs.some((name) => (index.graph.weights.get(name)?.shape.length ?? 0) > 1)))
      return { past, output, addition, branch };
  }
  return null;
}

/** The nodes by which `to` is computed from `from`; null where it is not. */
function nodesBetween(from: string, to: string, { producer, order }: GraphIndex): Node[] | null {
  const depends = new Map<string, boolean>([[from, true]]);
  const inside = new Set<Node>();
  const ancestors = new Set<Node>();
  const waiting = [to];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = name === from ? undefined : producer.get(name);
    if (!node || ancestors.has(node)) continue;
    ancestors.add(node);
    waiting.push(...node.inputs);
  }
  for (const node of order) {
    if (!ancestors.has(node) || !node.inputs.some((name) => depends.get(name))) continue;
    inside.add(node);
    for (const name of node.outputs) depends.set(name, true);
  }
  return depends.get(to) && inside.size > 0 ? order.filter((node) => inside.has(node)) : null;
}
