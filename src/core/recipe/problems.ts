import { complaintsOf, type Complaint } from './complaint';
import { foreignComplaint, MAX_RECIPE_BYTES } from './parse';
import { recipeSchema } from './recipe.schema';
import { readYaml, YamlProblem, type TextRange, type YamlText } from './yaml';

/** One thing wrong with the text of a recipe. */
export interface RecipeProblem extends TextRange {
  /** A sentence. */
  readonly message: string;
}

/**
 * Everything that is wrong with a recipe's text, each with its place: for an editor, where `parseRecipe` says the first.
 * Empty for a text that is a recipe.
 */
export function recipeProblems(text: string): RecipeProblem[] {
  if (text.length > MAX_RECIPE_BYTES) return [{ ...firstLine(text), message: 'This is too long for a recipe.' }];
  let yaml: YamlText;
  try {
    yaml = readYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem)
      return [{ ...(error.range ?? firstLine(text)), message: asSentence(error.message) }];
    throw error;
  }
  const foreign = foreignComplaint(yaml.value);
  if (foreign !== null) return [{ ...firstLine(text), message: asSentence(foreign) }];
  const result = recipeSchema.safeParse(yaml.value);
  return result.success ? [] : complaintsOf(result.error, yaml.value).map((one) => located(one, yaml, text));
}

function located({ path, sentence }: Complaint, yaml: YamlText, text: string): RecipeProblem {
  for (let length = path.length; length > 0; length--) {
    const range = yaml.rangeAt(path.slice(0, length));
    // What is missing in a mapping is told at its first line, not under all of it.
    if (range !== null) return { ...withinLine(range, text), message: asSentence(sentence) };
  }
  return { ...firstLine(text), message: asSentence(sentence) };
}

function firstLine(text: string): TextRange {
  return withinLine({ start: 0, end: text.length }, text);
}

function withinLine({ start, end }: TextRange, text: string): TextRange {
  const line = text.indexOf('\n', start);
  return { start, end: line < 0 ? end : Math.min(end, Math.max(start, line)) };
}

/** Fields at the beginning are written as they are in the file. */
function asSentence(text: string): string {
  const isField = /^[\w.[\]]+ (is|has) /.test(text) && !/^(this|it) /.test(text);
  const sentence = isField ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
