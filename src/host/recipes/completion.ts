import { cursorAt, type Cursor } from './cursor';
import { ENTRY, kindText, nodesAt, wordsOf, type FieldPath, type SchemaNode } from './schema';

/** Something that may be written at a place of a recipe. */
export interface Suggestion {
  readonly word: string;
  readonly kind: 'field' | 'value';
  /** What replaces what is written of it already; "\n" begins a line of the same depth. */
  readonly insert: string;
  /** What it takes: "int8 | int4". */
  readonly takes: string;
  /** A sentence or two. */
  readonly description: string;
}

/** What may be written at a place of a recipe, in the schema's order. */
export function suggestionsAt(schema: SchemaNode, text: string, offset: number): Suggestion[] {
  const cursor = cursorAt(text, offset);
  const nodes = nodesAt(schema, cursor.path);
  const values = nodes.flatMap(valuesOf);
  if (cursor.writes === 'value') return values;
  return [...fieldsOf(nodes, cursor), ...(cursor.path[cursor.path.length - 1] === ENTRY ? values : [])];
}

/** What the field at a place is for; null where there is none. */
export function fieldAt(
  schema: SchemaNode,
  text: string,
  offset: number,
): { readonly field: string; readonly takes: string; readonly description: string } | null {
  const end = text.slice(offset).search(/[^\w-]/);
  const wordEnd = end < 0 ? text.length : offset + end;
  if (!/^[ \t]*:/.test(text.slice(wordEnd))) return null;
  const { path, prefix, writes } = cursorAt(text, wordEnd);
  if (writes !== 'field' || prefix === '') return null;
  const nodes = nodesAt(schema, [...path, prefix]);
  const description = nodes[0]?.description;
  return description === undefined ? null : { field: prefix, takes: kindText(nodes), description };
}

function valuesOf(node: SchemaNode): Suggestion[] {
  const { description = '' } = node;
  return wordsOf(node).map((word) => ({
    ...{ word, kind: 'value' as const, insert: word, description },
    takes: String(node.default) === word ? 'default' : '',
  }));
}

function fieldsOf(nodes: readonly SchemaNode[], { path, present }: Cursor): Suggestion[] {
  const names = [...new Set(nodes.flatMap(({ properties = {} }) => Object.keys(properties)))];
  return names
    .filter((name) => !present.includes(name))
    .map((name) => fieldSuggestion(name, fieldNodes(nodes, [name]), path));
}

function fieldNodes(nodes: readonly SchemaNode[], path: FieldPath): SchemaNode[] {
  return nodes.flatMap((node) => nodesAt(node, path));
}

function fieldSuggestion(word: string, nodes: readonly SchemaNode[], path: FieldPath): Suggestion {
  const [first] = nodes;
  const insert = first?.type === 'object' ? `${word}:\n  ` : isList(first) ? `${word}:\n  - ` : `${word}: `;
  const description = first?.description ?? (path.length === 0 ? word : '');
  return { word, kind: 'field', insert, takes: kindText(nodes), description };
}

/** Lists of mappings stand one under the other, others in brackets. */
function isList(node: SchemaNode | undefined): boolean {
  return node?.type === 'array' && node.items?.type === 'object';
}
