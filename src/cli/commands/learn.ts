import { EdgewiseError } from '../../core/errors';
import { learningRecipe } from '../../core/recipe/from-flags';
import type { LearningVerb } from '../../core/recipe/learning-step';
import type { CliCommand } from '../command';
import { DATA_HELP } from '../data-options';
import { addLearningOptions, learningOptionsSchema } from './learning-options';
import { runRecipe } from './run-compression';

export interface LearningTexts {
  readonly name: LearningVerb;
  readonly summary: string;
  readonly description: string;
  readonly examples: string;
}

/** A verb whose options are the fields of a step of the recipe. */
export function learningCommand({ name, summary, description, examples }: LearningTexts): CliCommand {
  return {
    name,
    summary,
    declare(command) {
      command
        .description(description)
        .argument('[model]', 'a .onnx file; default: the one that the recipe names')
        .addHelpText('after', examples + DATA_HELP);
      addLearningOptions(command, name);
    },
    async run([model], given, context) {
      const { unlabelled, ...options } = learningOptionsSchema(name).parse(given);
      if (unlabelled !== undefined && options.train !== undefined)
        throw new EdgewiseError('usage', '--unlabelled and --train both say what is trained on. Use one of them.');
      const flags = unlabelled === undefined ? options : { ...options, train: unlabelled };
      await runRecipe(model, options, (recipe) => learningRecipe(name, flags, recipe), context);
    },
  };
}
