import { Document } from 'yaml';
import { parseRecipe } from './parse';
import { recipeSchema, type WrittenRecipe } from './recipe.schema';

/** The order in which a reader expects the parts. */
const PARTS = ['version', 'model', 'data', 'target', 'steps', 'shortNames', 'output'] as const;

/**
 * A recipe as the text of a file: every default is written out, so that it says all and can be changed.
 * @param heading one or more lines, which become comments
 * @throws EdgewiseError `bad-recipe` for what is no recipe
 */
export function recipeText(recipe: WrittenRecipe, heading: string): string {
  const whole = recipeSchema.parse(recipe);
  const ordered = Object.fromEntries(
    PARTS.flatMap((part) => (whole[part] === undefined ? [] : [[part, withoutEmpty(whole[part])]])),
  );
  const document = new Document(ordered);
  document.commentBefore = heading
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
  const text = document.toString({ lineWidth: 0 });
  parseRecipe(text, 'the recipe');
  return text;
}

/** Lists of nothing say nothing. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([, part]) => part !== undefined && !(Array.isArray(part) && part.length === 0),
  );
  return Object.fromEntries(kept.map(([name, part]) => [name, withoutEmpty(part)]));
}
