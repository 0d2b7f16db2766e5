import path from 'node:path';
import * as vscode from 'vscode';
import { EdgewiseError } from '../../core/errors';
import type { DataSection } from '../../core/recipe/recipe.schema';
import type { TriedPreprocessing } from '../../protocol/engine';
import { DataFinder, type FoundData } from '../compress/data';
import { withProgress } from '../compress/with-progress';
import { triedText } from './tried-text';
import type { DataPreviewServices } from './data-preview';

interface TriedItem extends vscode.QuickPickItem {
  readonly tried: TriedPreprocessing;
}

/**
 * Tries the common ways to prepare a model's pictures on a few of its samples, and lets the user take one: it is
 * remembered for the model, or written into its recipe.
 * @param place which of the ranked ways to take without asking: for tasks and tests
 * @returns the data with what was taken; null when dismissed
 */
export async function findPreprocessing(
  model: vscode.Uri,
  services: DataPreviewServices,
  place?: number,
): Promise<DataSection | null> {
  const finder = new DataFinder(services.memory, services.engine);
  const known = (await finder.known(model)) ?? (await finder.ask(model));
  if (!known) return null;
  const params = { model: model.fsPath, data: known.data, base: known.base };
  const found = await withProgress('Trying preprocessing', (signal, onProgress) =>
    services.engine.run('findPreprocessing', params, { signal, onProgress }),
  );
  const items = found.ranked.map((tried): TriedItem => ({ ...triedText(tried, known.data), tried }));
  const taken = place === undefined ? await pick(items, model, found.stated) : items[place];
  if (!taken) return null;
  await keep(model, { ...known, data: taken.tried.data }, finder, services);
  return taken.tried.data;
}

async function pick(
  items: readonly TriedItem[],
  model: vscode.Uri,
  stated: string | null,
): Promise<TriedItem | undefined> {
  if (items.length === 0)
    throw new EdgewiseError(
      'unsupported',
      `${path.basename(model.fsPath)} takes its pictures in none of the common ways.`,
    );
  return vscode.window.showQuickPick(items, {
    title: `Preprocessing for ${path.basename(model.fsPath)}`,
    placeHolder:
      stated === null ? 'The best first; take the one that it was trained with' : `Its metadata say: ${stated}`,
    matchOnDetail: true,
  });
}

/** In the recipe where the data come from one, else in the workspace's memory. */
async function keep(
  model: vscode.Uri,
  found: FoundData,
  finder: DataFinder,
  { engine }: DataPreviewServices,
): Promise<void> {
  if (found.from !== 'recipe' || found.recipe === undefined) return finder.remember(model, found);
  const document = await vscode.workspace.openTextDocument(found.recipe);
  const { text } = await engine.inspect('writeData', { text: document.getText(), data: found.data });
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save()))
    throw new EdgewiseError(
      'permission',
      `${path.basename(found.recipe.fsPath)} cannot be written. Check its permissions.`,
    );
}
