import path from 'node:path';
import * as vscode from 'vscode';
import type { CompressionChoice } from '../../core/analysis/compression-choices';
import { choiceText } from './choice-text';
import type { FoundRecipe } from './recipe-beside';

/** What can be picked: one of the choices that fit the model, or a recipe file. */
export type Picked = { kind: 'choice'; choice: CompressionChoice } | { kind: 'recipe'; found: FoundRecipe };

export interface ChoiceItem extends vscode.QuickPickItem {
  readonly means?: Picked;
}

export const COPY_BUTTON: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('copy'),
  tooltip: 'Copy as command',
};

export function choiceItems(choices: readonly CompressionChoice[], recipe: FoundRecipe | null): ChoiceItem[] {
  const items: ChoiceItem[] = choices.map((choice) => ({
    ...choiceText(choice),
    buttons: [COPY_BUTTON],
    means: { kind: 'choice', choice },
  }));
  if (recipe === null) return items;
  return [
    ...items,
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    {
      label: '$(file-code) Recipe file',
      description: path.basename(recipe.file.fsPath),
      detail: 'Does what the recipe beside the model says.',
      buttons: [COPY_BUTTON],
      means: { kind: 'recipe', found: recipe },
    },
  ];
}
