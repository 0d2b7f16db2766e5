import { parseDocument } from 'yaml';
import { EdgewiseError } from '../errors';
import { parseRecipe } from './parse';
import type { DataSection } from './recipe.schema';

/**
 * A recipe's text with another data section: what did not change keeps its form and its comments.
 * @throws EdgewiseError `bad-recipe` for a text that is no recipe
 */
export function withData(text: string, data: DataSection): string {
  const before = parseRecipe(text, 'the recipe').data ?? {};
  const document = parseDocument(text);
  setChanges(document, ['data'], before, data);
  const after = document.toString({ lineWidth: 0 });
  const written = parseRecipe(after, 'the recipe').data;
  if (written === undefined) throw new EdgewiseError('bad-recipe', 'The recipe cannot hold these data.');
  return after;
}

type Fields = Readonly<Record<string, unknown>>;

/** The part of YAML's document that is used here. */
interface Editable {
  setIn(path: readonly string[], value: unknown): void;
  deleteIn(path: readonly string[]): boolean;
}

function setChanges(document: Editable, path: readonly string[], before: Fields, after: Fields): void {
  for (const name of Object.keys(before)) if (!(name in after)) document.deleteIn([...path, name]);
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    if (JSON.stringify(old) === JSON.stringify(value)) continue;
    if (isFields(old) && isFields(value)) setChanges(document, [...path, name], old, value);
    else document.setIn([...path, name], value);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
