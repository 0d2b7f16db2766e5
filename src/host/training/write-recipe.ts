import path from 'node:path';
import * as vscode from 'vscode';
import type { WrittenRecipe } from '../../core/recipe/recipe.schema';
import type { EngineClient } from '../engine/engine-client';
import { exists } from '../files';

/**
 * Writes a recipe as `NAME.edgewise.yaml`, numbered where another one has the name; one that says the same already is
 * used again.
 * @param folder that the recipe's paths are relative to
 */
export async function writeRecipe(
  recipe: WrittenRecipe,
  { folder, model, command }: { folder: string; model: vscode.Uri; command: string },
  engine: EngineClient,
): Promise<vscode.Uri> {
  const stem = path.basename(model.fsPath, path.extname(model.fsPath));
  const heading = `${command} ${path.basename(model.fsPath)}. Change what you like, and run it again with "Edgewise: Run Recipe".`;
  const { text } = await engine.inspect('recipeText', { recipe, heading });
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : `-${number}`}.edgewise.yaml`;
    const file = vscode.Uri.file(path.join(folder, name));
    if (!(await exists(file))) {
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
      return file;
    }
    if (new TextDecoder().decode(await vscode.workspace.fs.readFile(file)) === text) return file;
  }
}
