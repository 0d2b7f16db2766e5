import path from 'node:path';
import * as vscode from 'vscode';
import type { Recipe } from '../../core/recipe/recipe.schema';
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
