import { recipeJsonSchema } from './json-schema';

/** The parts of JSON Schema that zod writes for the recipe. */
interface SchemaNode {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  prefixItems?: SchemaNode[];
  items?: SchemaNode | boolean;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

export type RecipePath = readonly (string | number)[];

/** What the recipe's schema allows at a path, in words: "int8 or float16". Empty where the path is not of the schema. */
export function allowedAt(path: RecipePath): string {
  const nodes = nodesAt(path);
  return orList([...new Set(nodes.flatMap(describe))]);
}

/** The keys that the mapping at a path may have. */
export function keysAt(path: RecipePath): string[] {
  return [
    ...new Set(nodesAt(path).flatMap((node) => alternatives(node).flatMap((one) => Object.keys(one.properties ?? {})))),
  ];
}

/** "a", "a or b", "a, b or c". */
export function orList(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1] ?? ''}`;
}

/** Made once, when it is first asked for: writing it takes longer than reading it. */
let root: SchemaNode | undefined;

/** What the schema says at a path: one node for each form that is allowed there. */
export function nodesAt(path: RecipePath): SchemaNode[] {
  root ??= recipeJsonSchema();
  let nodes: SchemaNode[] = [root];
  for (const step of path) nodes = nodes.flatMap(alternatives).flatMap((node) => childOf(node, step));
  return nodes;
}

function childOf(node: SchemaNode, step: string | number): SchemaNode[] {
  if (typeof step === 'string') {
    const child = node.properties?.[step];
    return child ? [child] : [];
  }
  const child = node.prefixItems?.[step] ?? node.items;
  return typeof child === 'object' ? [child] : [];
}

function alternatives(node: SchemaNode): SchemaNode[] {
  return node.anyOf ? node.anyOf.flatMap(alternatives) : [node];
}

function describe(node: SchemaNode): string[] {
  if (node.anyOf) return node.anyOf.flatMap(describe);
  if (node.const !== undefined) return [String(node.const)];
  if (node.enum) return node.enum.map(String);
  switch (node.type) {
    case 'object':
      return [`a mapping with ${orList(Object.keys(node.properties ?? {}))}`];
    case 'array':
      return [node.prefixItems ? `a list of ${node.prefixItems.length} numbers` : 'a list'];
    case 'boolean':
      return ['true', 'false'];
    case 'integer':
      return [`a whole number${range(node)}`];
    case 'number':
      return [`a number${range(node)}`];
    case 'string':
      return ['a text'];
    default:
      return [];
  }
}

function range(node: SchemaNode): string {
  const bounds = [lowest(node), highest(node)].filter((bound) => bound !== '');
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function lowest({ minimum, exclusiveMinimum }: SchemaNode): string {
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}`;
  // Safe integers have the lowest one as their minimum, and the highest as their maximum; that is no rule of ours.
  return minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? '' : `of at least ${minimum}`;
}

function highest({ maximum, exclusiveMaximum }: SchemaNode): string {
  if (exclusiveMaximum !== undefined) return `below ${exclusiveMaximum}`;
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : `at most ${maximum}`;
}
