import { indexGraph } from '../../analysis/graph-order';
import { EdgewiseError } from '../../errors';
import type { Model } from '../../model/model';
import { withGraph } from './live-nodes';
import { residualUnits, type ResidualUnit } from './residual-blocks';

/**
 * A network without some of its residual blocks: of every `1 / depth` the first stays, as DistilBERT keeps every second
 * layer (Sanh et al. 2019). What a block adds is left out, so that its input goes on as its output.
 * @param depth share of the blocks that stay, above 0 up to 1
 * @throws EdgewiseError `unsupported` where there are no blocks to leave out
 */
export function shallower(model: Model, depth: number, file: string): Model {
  if (depth === 1) return model;
  const units = residualUnits(model).filter((unit) => unit.every((block) => isRemovable(block, model)));
  const removed = units.filter((_, at) => Math.ceil((at + 1) * depth) === Math.ceil(at * depth));
  if (removed.length === 0)
    throw new EdgewiseError(
      'unsupported',
      `${file} has ${units.length === 0 ? 'no residual blocks' : `only ${units.length} residual block${units.length === 1 ? '' : 's'}`} that could be left out for a depth of ${depth}. Make it narrower, or of lower rank.`,
    );
  const instead = new Map(removed.flat().map(({ past, output }) => [output, past]));
  const target = (name: string): string => {
    const before = instead.get(name);
    return before === undefined ? name : target(before);
  };
  const nodes = model.graph.nodes.map((node) =>
    node.inputs.some((name) => instead.has(name)) ? { ...node, inputs: node.inputs.map(target) } : node,
  );
  return withGraph(model, { nodes });
}

/** An output of the network has to stay, and so has what a branch or a loop takes from outside. */
function isRemovable({ output }: ResidualUnit[number], { graph }: Model): boolean {
  const { consumers, outputNames } = indexGraph(graph);
  return !outputNames.has(output) && (consumers.get(output) ?? []).every(({ inputs }) => inputs.includes(output));
}
