import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What is used of JSON Schema, as the build writes it for recipes. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** Where something is in a recipe: names of fields, and `ENTRY` for any entry of a list. */
export type FieldPath = readonly string[];
export const ENTRY = '[]';

/** @param extensionPath where the extension is installed */
export function readRecipeSchema(extensionPath: string): SchemaNode {
  return JSON.parse(readFileSync(path.join(extensionPath, 'out', 'recipe.schema.json'), 'utf8')) as SchemaNode;
}

/** What may stand at a path: several where it may have one of several forms. */
export function nodesAt(schema: SchemaNode, fields: FieldPath): SchemaNode[] {
  let nodes = forms(schema);
  for (const field of fields) {
    const inner = nodes.map(({ properties, items }) => (field === ENTRY ? items : properties?.[field]));
    nodes = inner.flatMap((node) => (node === undefined ? [] : forms(node)));
  }
  return nodes;
}

/** A node's forms; what is said of all of them is said of each. */
function forms(node: SchemaNode): SchemaNode[] {
  if (node.anyOf === undefined) return [node];
  const description = node.description === undefined ? {} : { description: node.description };
  return node.anyOf.flatMap(forms).map((form) => ({ ...form, ...description }));
}

/** Words that a value may be: "true", "int8". */
export function wordsOf({ enum: words, const: word, type }: SchemaNode): string[] {
  if (words !== undefined) return words.map(String);
  if (word !== undefined) return [String(word)];
  return type === 'boolean' ? ['true', 'false'] : [];
}

/** What a field takes, in a few words: "int8 | int4", "number", "list". */
export function kindText(nodes: readonly SchemaNode[]): string {
  const kinds = nodes.flatMap((node) => {
    const words = wordsOf(node);
    if (words.length > 0) return words;
    if (node.type === 'array') return ['list'];
    if (node.type === 'object') return ['mapping'];
    return [node.type === 'string' ? 'text' : (node.type ?? 'value')];
  });
  return [...new Set(kinds)].join(' | ');
}
