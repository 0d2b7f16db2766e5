import path from 'node:path';
import * as vscode from 'vscode';
import { EdgewiseError } from '../../core/errors';
import type { Recipe } from '../../core/recipe/recipe.schema';
import { chosenModel } from '../chosen-model';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { exists } from '../files';

export interface FoundRecipe {
  readonly file: vscode.Uri;
  readonly recipe: Recipe;
  /** The folder that its paths are relative to. */
  readonly base: string;
}

/**
 * The recipe for a model, beside it: `NAME.edgewise.yaml`, else an `edgewise.yaml` that names this model or none.
 * @throws EdgewiseError `bad-recipe` with file and line
 */
export async function recipeFor(model: vscode.Uri, engine: EngineClient): Promise<FoundRecipe | null> {
  const stem = path.basename(model.fsPath, path.extname(model.fsPath));
  for (const name of [`${stem}.edgewise.yaml`, 'edgewise.yaml']) {
    const file = vscode.Uri.joinPath(model, '..', name);
    if (!(await exists(file))) continue;
    const { recipe, base } = await engine.inspect('readRecipe', { file: file.fsPath });
    if (isFor(recipe, base, model)) return { file, recipe, base };
  }
  return null;
}

function isFor({ model: named }: Recipe, base: string, model: vscode.Uri): boolean {
  return named === undefined || path.resolve(base, named) === path.resolve(model.fsPath);
}

/** The model that a recipe is for: the one that it names, the one beside it of the same name, or one that the user picks. */
export async function modelOf(
  { model }: Recipe,
  base: string,
  file: vscode.Uri,
  documents: ModelDocuments,
): Promise<vscode.Uri | null> {
  if (model !== undefined) return vscode.Uri.file(path.resolve(base, model));
  const beside = vscode.Uri.file(file.fsPath.replace(/\.edgewise\.ya?ml$/, '.onnx'));
  if (beside.fsPath !== file.fsPath && (await exists(beside))) return beside;
  return chosenModel(undefined, documents, 'Compress');
}

/** What is run is what is on disk. @throws EdgewiseError where the editor's text cannot be saved */
export async function savedDocument(file: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  if (open?.isDirty !== true || (await open.save())) return;
  throw new EdgewiseError('permission', `${path.basename(file.fsPath)} is not saved. Save it, then run it again.`);
}
