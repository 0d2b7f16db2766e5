import { EdgewiseError } from '../../errors';
import type { GradientCall } from './rule';

/**
 * The numbers of an input that has to be known while the graph is written: where a slice begins, how wide padding is.
 * @throws EdgewiseError `unsupported` where they are computed from the data
 */
export function numbersOf({ build, node, inputs }: GradientCall, index: number, what: string): readonly number[] {
  const numbers = build.constantOf(inputs[index]);
  if (numbers) return numbers;
  throw new EdgewiseError(
    'unsupported',
    `The ${what} of ${node.opType} "${node.name || (node.outputs[0] ?? '')}" are computed while the model runs, and its gradient needs them. Export the model with fixed sizes.`,
  );
}

/** @throws EdgewiseError `unsupported`: the rule does not cover this form of the operator */
export function unsupportedForm({ node }: Pick<GradientCall, 'node'>, what: string): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `There is no gradient for ${node.opType} "${node.name || (node.outputs[0] ?? '')}" with ${what}. Freeze the layers before it, or train those after it.`,
  );
}
