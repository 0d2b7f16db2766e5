import { EdgewiseError } from '../errors';
import { complaintOf, type Complaint } from './complaint';
import { recipeSchema, type Recipe } from './recipe.schema';
import { readYaml, YamlProblem, type YamlText } from './yaml';

/** A recipe is written by hand; more than this is some other file. */
export const MAX_RECIPE_BYTES = 256_000;

/**
 * A recipe from YAML text (JSON is YAML).
 * @param file how sentences name the text
 * @throws EdgewiseError `bad-recipe`: file, line, what is there and what is allowed
 */
export function parseRecipe(text: string, file: string): Recipe {
  if (text.length > MAX_RECIPE_BYTES)
    throw badRecipe(file, null, 'it is larger than 256 KB, so it is hardly a recipe; check the path');
  const yaml = parseYaml(text, file);
  const foreign = foreignComplaint(yaml.value);
  if (foreign !== null) throw badRecipe(file, null, foreign);
  const result = recipeSchema.safeParse(yaml.value);
  if (result.success) return result.data;
  const complaint = complaintOf(result.error, yaml.value);
  throw badRecipe(file, lineOf(yaml, complaint), complaint.sentence);
}

function parseYaml(text: string, file: string): YamlText {
  try {
    return readYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem) throw badRecipe(file, error.line, error.message, error);
    throw error;
  }
}

/** Why a text is no recipe at all, as files of other tools are not that users will try; null where it may be one. */
export function foreignComplaint(value: unknown): string | null {
  if (value === null) return "it is empty; a recipe begins with 'version: 1'";
  if (typeof value === 'object' && 'policies' in value)
    return "this is a schedule of Distiller (it has 'policies'), not a recipe; describe its steps under 'steps:', beginning with 'version: 1'";
  return null;
}

/** The line of the value complained about, or of the nearest thing around it that is in the text. */
function lineOf(yaml: YamlText, { path }: Complaint): number | null {
  for (let length = path.length; length > 0; length--) {
    const line = yaml.lineAt(path.slice(0, length));
    if (line !== null) return line;
  }
  return null;
}

function badRecipe(file: string, line: number | null, sentence: string, cause?: unknown): EdgewiseError {
  const place = line === null ? file : `${file}, line ${line}`;
  return new EdgewiseError('bad-recipe', `${place}: ${sentence}.`, { file, cause });
}
