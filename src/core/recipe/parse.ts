import { LineCounter, parseDocument, type Document } from 'yaml';
import { EdgewiseError, messageOf } from '../errors';
import { complaintOf, type Complaint } from './complaint';
import { recipeSchema, type Recipe } from './recipe.schema';

/** A recipe is written by hand; more than this is some other file. */
export const MAX_RECIPE_BYTES = 1_000_000;
/** Aliases may not multiply a small text into a large value. */
const MAX_ALIASES = 100;

/**
 * A recipe from YAML text (JSON is YAML): core schema, no custom tags, bounded aliases.
 * @param file how sentences name the text
 * @throws EdgewiseError `bad-recipe`: file, line, what is there and what is allowed
 */
export function parseRecipe(text: string, file: string): Recipe {
  if (text.length > MAX_RECIPE_BYTES)
    throw badRecipe(
      file,
      null,
      'it is larger than 1 MB, so it is hardly a recipe; write it by hand, as in the examples',
    );
  const lines = new LineCounter();
  const document = parseYaml(text, file, lines);
  const value = toValue(document, file);
  rejectForeign(value, file);
  const result = recipeSchema.safeParse(value);
  if (result.success) return result.data;
  const complaint = complaintOf(result.error, value);
  throw badRecipe(file, lineOf(document, complaint, lines), complaint.sentence);
}

function parseYaml(text: string, file: string, lines: LineCounter): Document {
  let document: Document;
  try {
    document = parseDocument(text, { schema: 'core', lineCounter: lines, prettyErrors: false, stringKeys: true });
  } catch (error) {
    throw badRecipe(file, null, `it could not be read as YAML (${messageOf(error)})`, error);
  }
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const { line } = lines.linePos(problem.pos[0]);
    throw badRecipe(file, line, `this is not valid YAML: ${lowerFirst(firstLine(problem.message))}`, problem);
  }
  return document;
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw badRecipe(file, null, 'its aliases expand too far; write the values out', error);
  }
}

/** Files of other tools that users will try. */
function rejectForeign(value: unknown, file: string): void {
  if (value === null) throw badRecipe(file, null, "it is empty; a recipe begins with 'version: 1'");
  if (typeof value === 'object' && 'policies' in value)
    throw badRecipe(
      file,
      null,
      "this is a schedule of Distiller (it has 'policies'), not a recipe; describe its steps under 'steps:', beginning with 'version: 1'",
    );
}

/** The line of the value complained about, or of the nearest thing around it that is in the text. */
function lineOf(document: Document, complaint: Complaint, lines: LineCounter): number | null {
  for (let length = complaint.path.length; length > 0; length--) {
    const offset = offsetOf(document, complaint.path.slice(0, length));
    if (offset !== null) return lines.linePos(offset).line;
  }
  return null;
}

function offsetOf(document: Document, path: readonly (string | number)[]): number | null {
  const node = document.getIn(path, true);
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : null;
}

function badRecipe(file: string, line: number | null, sentence: string, cause?: unknown): EdgewiseError {
  const place = line === null ? file : `${file}, line ${line}`;
  return new EdgewiseError('bad-recipe', `${place}: ${sentence}.`, { file, cause });
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
