import { existsSync } from 'node:fs';
import path from 'node:path';
import { EdgewiseError } from '../../core/errors';
import { reportPageAssets } from '../../core/evaluation/report/page-file';
import type { Report } from '../../core/evaluation/report.schema';
import { reportText } from '../../core/evaluation/report/text';
import { recipeFromFlags } from '../../core/recipe/from-flags';
import { readRecipe } from '../../core/recipe/read';
import { rebaseRecipe } from '../../core/recipe/rebase';
import type { Recipe } from '../../core/recipe/recipe.schema';
import type { CompressOutcome, CompressRequest } from '../../core/recipe/request';
import { compressModel } from '../../core/recipe/run';
import type { CliCommand, CliContext } from '../command';
import { DATA_HELP } from '../data-options';
import { EXIT } from '../exit-codes';
import { writeReportPage } from '../html-report';
import { jsonText } from '../json';
import { addCompressOptions, compressOptionsSchema, type CompressOptions } from './compress-options';

export const compress: CliCommand = {
  name: 'compress',
  summary: 'make a smaller model, and measure what it costs',
  declare(command) {
    command
      .description('Makes a smaller model beside the original, which is never touched, and a report of what it costs.')
      .argument('[model]', 'a .onnx file; default: the one that the recipe names')
      .addHelpText('after', EXAMPLES + DATA_HELP);
    addCompressOptions(command);
  },
  async run(words, given, context) {
    const options = compressOptionsSchema.parse(given);
    const request = await requestOf(words[0], options);
    // Read first: nothing is made when a part of what was asked for cannot be.
    const assets = options.html ? await reportPageAssets(__dirname) : null;
    const outcome = await compressModel(request, context.job);
    const { report, reportPath } = outcome;
    const page = assets && reportPath && (await writeReportPage(report, reportPath, assets, options.overwrite));
    const folder = path.dirname(reportPath ?? request.output ?? request.model);
    printOutcome(outcome, { page, folder: path.relative(request.base, folder) }, options, context);
    if (outcome.report.target?.met === false) process.exitCode = EXIT.targetMissed;
  },
};

/** Flags that change a recipe file's recipe: with one of them, the file alone no longer says what was done. */
const RECIPE_FREE: readonly string[] = ['recipe', 'output', 'overwrite', 'force', 'html', 'json'];

async function requestOf(model: string | undefined, options: CompressOptions): Promise<CompressRequest> {
  const base = process.cwd();
  const written = options.recipe === undefined ? undefined : await recipeAt(options.recipe, base);
  const recipe = recipeFromFlags(options, { isFile: existsSync, ...(written ? { recipe: written } : {}) });
  const changed = Object.keys(options).some((flag) => !RECIPE_FREE.includes(flag));
  const output = options.output ?? recipe.output;
  return {
    model: path.resolve(base, modelOf(model, recipe)),
    recipe,
    base,
    overwrite: options.overwrite,
    force: options.force,
    ...(output === undefined ? {} : { output: path.resolve(base, output) }),
    ...(options.recipe === undefined || changed ? {} : { recipeFile: path.resolve(base, options.recipe) }),
  };
}

async function recipeAt(file: string, base: string): Promise<Recipe> {
  const read = await readRecipe(file);
  return rebaseRecipe(read.recipe, read.base, base);
}

function modelOf(given: string | undefined, recipe: Recipe): string {
  const model = given ?? recipe.model;
  if (model === undefined)
    throw new EdgewiseError(
      'usage',
      'Name the model to compress, as in "edgewise compress digits.onnx --to int8-weights".',
    );
  return model;
}

function printOutcome(
  outcome: CompressOutcome,
  { page, folder }: { page: string | null; folder: string },
  options: CompressOptions,
  context: CliContext,
): void {
  const { report, outputPath, reportPath } = outcome;
  if (options.json) {
    context.print(jsonText({ ...report, output: outputPath }));
  } else {
    context.print(`${reportText(report, folder)}\n`);
    if (outputPath !== null) context.print(filesText([outputPath, reportPath, page]));
  }
  if (report.target?.met === false) context.say(missedText(outcome));
}

function filesText(files: readonly (string | null)[]): string {
  return files
    .filter((file) => file !== null)
    .map((file) => `Wrote ${path.relative(process.cwd(), file)}`)
    .join('\n');
}

function missedText({ report, outputPath }: CompressOutcome): string {
  const limit = missedLimit(report);
  return outputPath === null
    ? `${limit}, so no file was kept. Use --force to keep it.`
    : `${limit}; the file was kept all the same.`;
}

/** What was not measured was not lost: it is only not known to be within the limit. */
function missedLimit({ target, after }: Report): string {
  const points = target?.maxDrop === 1 ? '1 point' : `${target?.maxDrop ?? 0} points`;
  switch (after.metric) {
    case null:
      return `Accuracy was not measured, and a limit of ${points} is not known to be met`;
    case 'fidelity':
      return `More than ${points} of agreement with the original were lost`;
    default:
      return `More than ${points} of accuracy were lost`;
  }
}

const EXAMPLES = `
Examples:
  Weights only, no data needed
    $ edgewise compress digits.onnx --to int8-weights
  Integer arithmetic, calibrated and measured on one set, which is split
    $ edgewise compress digits.onnx --to int8 --data digits.npz
  One set for calibration, another for the figures; refuse to lose more than half a point
    $ edgewise compress digits.onnx --to int8 --calibration train.npz:500 --test test.npz --max-drop 0.5
  Pictures by class, as bytes of 0 to 255 made 0 to 1
    $ edgewise compress pets.onnx --to int8 --data photos/ --size 224x224 --scale 1/255
  What a recipe file says, or what made a report
    $ edgewise compress --recipe digits.edgewise.yaml
    $ edgewise compress digits.onnx --recipe digits.int8.edgewise.json
  Leave the layers that suffer most as they are
    $ edgewise compress digits.onnx --to int8 --data digits.npz --keep conv1 --keep fc
`;
