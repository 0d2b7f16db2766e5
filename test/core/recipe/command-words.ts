import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { compressOptionsSchema } from '../../../src/cli/commands/compress-options';
import { learningOptionsSchema } from '../../../src/cli/commands/learning-options';
import { buildProgram } from '../../../src/cli/program';
import { quietContext } from '../../../src/core/progress';
import { learningRecipe, recipeFromFlags } from '../../../src/core/recipe/from-flags';
import { LEARNING_VERBS } from '../../../src/core/recipe/learning-step';
import type { Recipe } from '../../../src/core/recipe/recipe.schema';

/** The command line's own parser, which prints and runs nothing. */
export function program(): ReturnType<typeof buildProgram> {
  return buildProgram({
    job: quietContext(),
    print: () => undefined,
    say: () => undefined,
    onInterrupt: () => undefined,
  });
}

/** The words that a real shell makes of each line. */
export function shellWords(lines: readonly string[]): string[][] {
  // No word of a command holds a line break.
  const script = lines.map((line) => `printf '%s\\n' ${line}; printf '\\n'`).join('\n');
  const text = execFileSync('sh', ['-c', script], { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  return text
    .split('\n\n')
    .slice(0, lines.length)
    .map((words) => words.split('\n'));
}

export interface ParsedCommand {
  readonly recipe: Recipe;
  readonly model: string;
  readonly output: string | undefined;
}

/** What the command line makes of its words, by the real option parser, where these files exist. */
export function parsedCommand(words: readonly string[], files: readonly string[]): ParsedCommand {
  const command = program().commands.find((one) => one.name() === words[1]);
  const rest = command?.parseOptions([...words.slice(2)]);
  expect(rest?.unknown).toEqual([]);
  const given = { isFile: (file: string) => files.includes(file) };
  const model = rest?.operands[0] ?? '';
  const verb = LEARNING_VERBS.find((one) => one === words[1]);
  if (verb !== undefined) {
    const options = learningOptionsSchema(verb).parse(command?.opts());
    return { recipe: learningRecipe(verb, options, given), model, output: options.output };
  }
  const options = compressOptionsSchema.parse(command?.opts());
  return { recipe: recipeFromFlags(options, given), model, output: options.output };
}
