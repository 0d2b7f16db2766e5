import { EdgewiseError } from '../../errors';
import { elementsOf, type Model, type Node } from '../../model/model';
import { withGraph } from './live-nodes';
import { residualUnits, signatureOf, type ResidualUnit } from './residual-blocks';

/** Statistics of one place in the network say nothing about another. */
const OWN_PARAMETERS: ReadonlySet<string> = new Set(['BatchNormalization']);

/**
 * A network whose blocks of equal shapes have one set of weights, as ALBERT's layers have (Lan et al. 2020): those of the
 * first of them, read by all. Training adds up their gradients. Batch normalization stays each block's own.
 * @throws EdgewiseError `unsupported` where no two blocks have equal shapes
 */
export function withSharedWeights(model: Model, file: string): Model {
  const first = new Map<string, readonly string[]>();
  const instead = new Map<string, string>();
  for (const unit of residualUnits(model)) {
    const names = sharedNames(unit, model);
    const signature = unit.map((block) => signatureOf(block, model)).join(' | ');
    const before = first.get(signature);
    if (before === undefined) first.set(signature, names);
    else
      names.forEach((name, at) => {
        const other = before[at];
        if (other !== undefined && other !== name) instead.set(name, other);
      });
  }
  if (instead.size === 0)
    throw new EdgewiseError(
      'unsupported',
      `${file} has no two residual blocks of equal shapes, so no layers can share their weights. Make it narrower, or of lower rank.`,
    );
  const nodes = model.graph.nodes.map((node): Node => {
    if (OWN_PARAMETERS.has(node.opType) || !node.inputs.some((name) => instead.has(name))) return node;
    return { ...node, inputs: node.inputs.map((name) => instead.get(name) ?? name) };
  });
  return withGraph(model, { nodes });
}

/** Weights of a unit in the order in which its nodes read them. A lone number is a constant of the network. */
function sharedNames(unit: ResidualUnit, { graph }: Model): string[] {
  return unit
    .flatMap(({ branch }) => branch)
    .filter(({ opType }) => !OWN_PARAMETERS.has(opType))
    .flatMap(({ inputs }) => inputs)
    .filter((name) => {
      const weight = graph.weights.get(name);
      return weight?.dtype === 'float32' && elementsOf(weight.shape) > 1;
    });
}
