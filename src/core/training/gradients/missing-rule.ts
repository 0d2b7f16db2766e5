import { EdgewiseError } from '../../errors';
import type { Node } from '../../model/model';
import type { GraphBuilder, Operation } from '../graph/builder';
import type { Term } from '../graph/term';
import { ruleOf } from './table';

export function missingRule(node: Node): EdgewiseError {
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return new EdgewiseError(
    'unsupported',
    `There is no gradient for ${operator} (${placeOf(node)}), so nothing before it can be trained. Freeze the layers before it, or train those after it.`,
  );
}

/** A node by its name, or by what it gives. */
export const placeOf = ({ name, outputs }: Node): string =>
  name === '' ? `it gives "${outputs[0] ?? ''}"` : `"${name}"`;

/** Terms whose gradient would have to pass an operator that has none, with the operator that is in the way. */
export function blockedTerms(build: GraphBuilder, objective: Term, wanted: readonly Term[]): ReadonlyMap<string, Node> {
  const relevant = new Set([objective.name]);
  const blocking = new Map<string, Node>();
  for (const operation of [...build.operations].reverse()) {
    const { node, inputs, outputs } = operation;
    if (!outputs.some(({ name }) => relevant.has(name))) continue;
    const wall = outputs.map(({ name }) => blocking.get(name)).find((found) => found !== undefined);
    const inTheWay = wall ?? (hasRule(operation) ? undefined : node);
    for (const input of inputs) {
      if (!input?.differentiable) continue;
      relevant.add(input.name);
      if (inTheWay !== undefined && !blocking.has(input.name)) blocking.set(input.name, inTheWay);
    }
  }
  return new Map(
    wanted.flatMap(({ name }) => {
      const node = blocking.get(name);
      return node ? [[name, node] as const] : [];
    }),
  );
}

const hasRule = ({ gradient, node, outputs }: Operation): boolean =>
  gradient !== undefined || ruleOf(node) !== undefined || !outputs.some(({ differentiable }) => differentiable);
