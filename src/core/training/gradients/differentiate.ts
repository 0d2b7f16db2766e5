import { add } from '../graph/arithmetic';
import type { GraphBuilder, Operation } from '../graph/builder';
import type { Term } from '../graph/term';
import { fit } from './fit';
import { missingRule } from './missing-rule';
import { ruleOf } from './table';

/**
 * Reverse mode over what a builder has recorded: writes the nodes that compute the gradient of `objective` (one
 * element) with respect to each wanted term. A term used several times gets the sum; what nobody needs is not computed.
 * @returns by the wanted term's name; a term that the objective does not depend on is missing
 * @throws EdgewiseError `unsupported` naming the operator without a rule, and its layer
 */
export function differentiate(
  build: GraphBuilder,
  objective: Term,
  wanted: readonly Term[],
): ReadonlyMap<string, Term> {
  const operations = [...build.operations];
  const needed = dependents(operations, wanted);
  return build.unrecorded(() => {
    const gradients = new Map<string, Term>([[objective.name, build.constant(1, objective.shape)]]);
    for (const operation of operations.reverse()) walkBack(build, operation, needed, gradients);
    return new Map(
      wanted.flatMap(({ name }) => {
        const gradient = gradients.get(name);
        return gradient ? [[name, gradient] as const] : [];
      }),
    );
  });
}

/** Names of the values that change when one of the wanted terms does. */
export function dependents(operations: readonly Operation[], wanted: readonly Term[]): ReadonlySet<string> {
  const found = new Set(wanted.map(({ name }) => name));
  for (const { inputs, outputs } of operations) {
    if (!inputs.some((input) => input !== null && found.has(input.name))) continue;
    for (const output of outputs) if (output.differentiable) found.add(output.name);
  }
  return found;
}

function walkBack(
  build: GraphBuilder,
  operation: Operation,
  needed: ReadonlySet<string>,
  gradients: Map<string, Term>,
): void {
  const { node, inputs, outputs } = operation;
  const known = outputs.map(({ name }) => gradients.get(name) ?? null);
  if (known.every((gradient) => gradient === null)) return;
  const wanted = inputs.map((input) => input !== null && input.differentiable && needed.has(input.name));
  if (!wanted.includes(true)) return;
  const rule = operation.gradient ?? ruleOf(node)?.gradient;
  if (rule === undefined) throw missingRule(node);
  const found = rule({ build, node, inputs, outputs, gradients: known, wanted });
  inputs.forEach((input, index) => {
    const gradient = found[index];
    if (input === null || !wanted[index] || !gradient) return;
    const fitted = fit(build, gradient, input.shape);
    const before = gradients.get(input.name);
    gradients.set(input.name, before ? add(build, before, fitted) : fitted);
  });
}
