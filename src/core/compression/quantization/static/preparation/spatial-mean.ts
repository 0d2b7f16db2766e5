import { constantNumbers } from '../../../../analysis/tensor-constants';
import type { Model, Node, Weight } from '../../../../model/model';
import { intAttribute, intsAttribute, withAttributes } from '../../../graph/attributes';
import { FreshNames } from '../../../graph/fresh-names';
import { newNode } from '../../../graph/new-nodes';
import { tidy } from '../../../graph/tidy';

/** Batch, channels, then at least one spatial dimension. */
const LEAST_RANK = 3;

/**
 * Writes the mean over all spatial dimensions (how newer PyTorch exports `AdaptiveAvgPool2d(1)` and `mean((2, 3))`) as
 * `GlobalAveragePool`, which has an integer kernel. `rankOf` gives the dimensions of a value, null where unknown.
 */
export function spatialMeansAsPools(model: Model, rankOf: (value: string) => number | null): Model {
  const names = new FreshNames(model.graph);
  const { weights } = model.graph;
  const nodes = model.graph.nodes.flatMap((node) => {
    const axes = meanAxes(node, weights);
    const rank = axes === null ? null : rankOf(node.inputs[0] ?? '');
    return axes !== null && rank !== null && areSpatial(axes, rank) ? pooled(node, names) : [node];
  });
  return { ...model, graph: tidy({ ...model.graph, nodes }) };
}

/** Operator set 18 made the axes an input. */
function meanAxes(node: Node, weights: ReadonlyMap<string, Weight>): readonly number[] | null {
  if (node.opType !== 'ReduceMean' || node.domain !== '') return null;
  const weight = weights.get(node.inputs[1] ?? '');
  return intsAttribute(node, 'axes') ?? (weight === undefined ? null : constantNumbers(weight));
}

function areSpatial(axes: readonly number[], rank: number): boolean {
  const from = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  return rank >= LEAST_RANK && from.size === rank - 2 && [...from].every((axis) => axis >= 2 && axis < rank);
}

function pooled(node: Node, names: FreshNames): Node[] {
  const plain = withAttributes(node, { axes: undefined, keepdims: undefined, noop_with_empty_axes: undefined });
  const pool = { ...plain, opType: 'GlobalAveragePool', inputs: node.inputs.slice(0, 1) };
  if (intAttribute(node, 'keepdims', 1) !== 0) return [pool];
  const mean = names.numbered('m');
  return [{ ...pool, outputs: [mean] }, newNode('Flatten', [mean], node.outputs)];
}
