import * as vscode from 'vscode';
import type { Load } from '../registrations';

/** Files that are recipes. */
const RECIPES: vscode.DocumentSelector = {
  language: 'yaml',
  scheme: 'file',
  pattern: '**/{*.edgewise,edgewise}.{yaml,yml}',
};
/** Signs after which something can be offered without asking. */
const TRIGGERS = [' ', '{', '[', ',', '-'];

/** Everything that editors of recipes offer; loaded when the first recipe is looked at. */
export function registerRecipes(load: Load): vscode.Disposable[] {
  const isRecipe = (document: vscode.TextDocument): boolean => vscode.languages.match(RECIPES, document) > 0;
  const check = (document: vscode.TextDocument): void => {
    if (isRecipe(document)) void load().then(({ recipes }) => recipes.check(document));
  };
  vscode.workspace.textDocuments.forEach(check);
  return [
    vscode.languages.registerCompletionItemProvider(
      RECIPES,
      { provideCompletionItems: async (text, place) => (await load()).recipes.provideCompletionItems(text, place) },
      ...TRIGGERS,
    ),
    vscode.languages.registerHoverProvider(RECIPES, {
      provideHover: async (text, place) => (await load()).recipes.provideHover(text, place),
    }),
    vscode.languages.registerCodeLensProvider(RECIPES, {
      provideCodeLenses: async (text) => (await load()).recipes.provideCodeLenses(text),
    }),
    vscode.workspace.onDidOpenTextDocument(check),
    vscode.workspace.onDidChangeTextDocument(({ document }) => check(document)),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (isRecipe(document)) void load().then(({ recipes }) => recipes.forget(document));
    }),
  ];
}
