import { existsSync } from 'node:fs';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import { REPORT_SUFFIX } from '../evaluation/report/read';
import { checkTarget } from '../formats/atomic-file';
import { quoted } from '../formats/file-errors';
import type { Recipe } from './recipe.schema';
import { outputTag } from './targets';

/** The name beside the model before it is numbered: `digits.onnx` gives `digits.int8.onnx`. */
function defaultOutput(model: string, recipe: Recipe): string {
  const { dir, name, ext } = path.parse(model);
  return path.join(dir, `${name}.${outputTag(recipe)}${ext === '' ? '.onnx' : ext}`);
}

/** The report beside a model, with the same stem: `digits.int8.onnx` gives `digits.int8.edgewise.json`. */
export function reportBeside(output: string): string {
  const { dir, name } = path.parse(output);
  return path.join(dir, `${name}${REPORT_SUFFIX}`);
}

/** Where a model keeps weights that do not lie in its own file: `digits.int8.onnx.data`. */
function weightsBeside(output: string): string {
  return `${output}.data`;
}

/** All that an output may consist of: the model, the file with its weights where they do not fit into it, the report. */
function namesBeside(output: string): string[] {
  return [output, weightsBeside(output), reportBeside(output)];
}

/**
 * The output's path: the one asked for, or beside the model under the first number that is free for all its files.
 * @throws EdgewiseError `exists` when a file of the one asked for is there and may not be replaced
 */
export async function chooseOutput(
  model: string,
  recipe: Recipe,
  asked: string | undefined,
  overwrite: boolean,
): Promise<string> {
  if (asked !== undefined) {
    for (const file of namesBeside(asked)) await checkTarget(file, overwrite);
    return asked;
  }
  const { dir, name, ext } = path.parse(defaultOutput(model, recipe));
  if (overwrite) return path.join(dir, `${name}${ext}`);
  for (let number = 1; ; number++) {
    const candidate = path.join(dir, `${name}${number === 1 ? '' : `-${number}`}${ext}`);
    if (!namesBeside(candidate).some((file) => existsSync(file))) return candidate;
  }
}

/** @throws EdgewiseError `usage` when an output would be the model itself, or is no model's name */
export function checkOutput(output: string, modelFiles: readonly string[]): void {
  if (modelFiles.some((file) => path.resolve(file) === path.resolve(output)))
    throw new EdgewiseError(
      'usage',
      `${quoted(output)} is the original model, which is never overwritten. Choose another name.`,
      {
        file: output,
      },
    );
  if (path.extname(output) !== '.onnx')
    throw new EdgewiseError('usage', `${quoted(output)} does not end in .onnx. Name the output with that ending.`, {
      file: output,
    });
}
