import path from 'node:path';
import * as vscode from 'vscode';
import type { CompressionChoice } from '../../core/analysis/compression-choices';
import type { FoundRecipe } from './recipe-beside';

/** What can be picked: one of the choices that fit the model, or a recipe file. */
export type Picked = { kind: 'choice'; choice: CompressionChoice } | { kind: 'recipe'; found: FoundRecipe };

export interface ChoiceItem extends vscode.QuickPickItem {
  readonly means?: Picked;
}

const ICONS: Record<CompressionChoice['id'], string> = {
  int8: '$(dashboard)',
  'int8-weights': '$(archive)',
  float16: '$(symbol-numeric)',
};

export const COPY_BUTTON: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('copy'),
  tooltip: 'Copy as command',
};

/** One line what it does, the size to expect, when to use it. Sizes are estimates, and say so. */
export function choiceItems(choices: readonly CompressionChoice[], recipe: FoundRecipe | null): ChoiceItem[] {
  const items: ChoiceItem[] = choices.map((choice) => ({
    label: `${ICONS[choice.id]} ${choice.title}`,
    description: [
      `about ${sizeText(choice.estimatedBytes)} (estimate)`,
      ...(choice.recommended ? ['recommended'] : []),
    ].join(' · '),
    detail: `${choice.detail} ${choice.when}`,
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

/** 1 KB = 1000 bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'KB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
