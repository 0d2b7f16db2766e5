/** More names than this are no sentence any more. */
const MOST_NAMED = 12;

export const CHOOSE_COLUMN = 'Say which with data.input.column in the recipe.';

/** "a, b, c and 20 more" */
export function quotedNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
