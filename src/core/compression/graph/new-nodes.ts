import type { Attribute, Node } from '../../model/model';

/** A node of the standard operators that no file held before: no name, since views name layers by what they weigh. */
export function newNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Node {
  return {
    name: '',
    opType,
    domain: '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
    metadata: new Map(),
  };
}
