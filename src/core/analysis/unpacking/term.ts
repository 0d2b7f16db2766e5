import type { FunctionDefinition, Node, Weight } from '../../model/model';

/** Functions of a model by domain and name. */
export type FunctionTable = ReadonlyMap<string, FunctionDefinition>;

export function functionTable(functions: readonly FunctionDefinition[]): FunctionTable {
  return new Map(functions.map((definition) => [functionKey(definition), definition]));
}

function functionKey({ domain, name }: { readonly domain: string; readonly name: string }): string {
  return `${domain}:${name}`;
}

/** A value as what computes it: functions are looked through, so that a call and its nodes are the same. */
export interface Term {
  /** The node whose first output it is; null for a tensor, and for what is not known. */
  readonly node: Node | null;
  /** The initializer, or the tensor of a `Constant`. */
  readonly weight: Weight | null;
  input(index: number): Term;
}

const UNKNOWN: Term = { node: null, weight: null, input: () => UNKNOWN };

/** Calls inside calls that are followed. */
const MAX_CALL_DEPTH = 8;

/** What names mean in a graph. */
export interface Names {
  weight(name: string): Weight | undefined;
  producer(name: string): Node | undefined;
}

export function termOf(name: string, names: Names, functions: FunctionTable): Term {
  return termIn(name, { ...names, argument: () => undefined, depth: 0 }, functions);
}

interface Scope extends Names {
  argument(name: string): Term | undefined;
  readonly depth: number;
}

function termIn(name: string, scope: Scope, functions: FunctionTable): Term {
  const argument = scope.argument(name);
  if (argument !== undefined) return argument;
  const weight = scope.weight(name);
  if (weight !== undefined) return { ...UNKNOWN, weight };
  const node = scope.producer(name);
  if (node === undefined || node.outputs[0] !== name) return UNKNOWN;
  const constant = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
  if (constant?.kind === 'tensor') return { ...UNKNOWN, weight: constant.value };
  const definition = functions.get(functionKey({ domain: node.domain, name: node.opType }));
  if (definition !== undefined) return callTerm(node, definition, scope, functions);
  if (node.domain !== '') return UNKNOWN;
  return { node, weight: null, input: (index) => termIn(node.inputs[index] ?? '', scope, functions) };
}

function callTerm(call: Node, definition: FunctionDefinition, outer: Scope, functions: FunctionTable): Term {
  const [output] = definition.outputs;
  if (output === undefined || outer.depth >= MAX_CALL_DEPTH) return UNKNOWN;
  const places = new Map(definition.inputs.map((formal, index) => [formal, index]));
  const producers = producersOf(definition);
  const inner: Scope = {
    weight: () => undefined,
    producer: (name) => producers.get(name),
    argument: (name) => {
      const place = places.get(name);
      // Deeper, so that a call of its own result ends.
      const scope = { ...outer, depth: outer.depth + 1 };
      return place === undefined ? undefined : termIn(call.inputs[place] ?? '', scope, functions);
    },
    depth: outer.depth + 1,
  };
  return termIn(output, inner, functions);
}

const PRODUCERS = new WeakMap<FunctionDefinition, ReadonlyMap<string, Node>>();

function producersOf(definition: FunctionDefinition): ReadonlyMap<string, Node> {
  const known = PRODUCERS.get(definition);
  if (known !== undefined) return known;
  const made = new Map(definition.nodes.flatMap((node) => node.outputs.map((name): [string, Node] => [name, node])));
  PRODUCERS.set(definition, made);
  return made;
}
