import * as vscode from 'vscode';
import type { Output } from '../diagnostics/output';
import type { EngineClient } from '../engine/engine-client';
import { fieldAt, suggestionsAt } from './completion';
import { readRecipeSchema, type SchemaNode } from './schema';

/** Recipes are not checked while every letter is typed. */
const PAUSE_MS = 300;

/** Completion, hovers, problems and a lens in recipe files. */
export class RecipeEditing
  implements vscode.CompletionItemProvider, vscode.HoverProvider, vscode.CodeLensProvider, vscode.Disposable
{
  private readonly problems = vscode.languages.createDiagnosticCollection('edgewise');
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private schema: SchemaNode | null = null;

  constructor(
    private readonly extensionPath: string,
    private readonly engine: EngineClient,
    private readonly output: Output,
  ) {}

  provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
    const offset = document.offsetAt(position);
    return suggestionsAt(this.readSchema(), document.getText(), offset).map((suggestion, place) => {
      const isField = suggestion.kind === 'field';
      const item = new vscode.CompletionItem(
        { label: suggestion.word, description: suggestion.takes },
        isField ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.EnumMember,
      );
      item.insertText = suggestion.insert;
      item.documentation = suggestion.description;
      item.sortText = String(place).padStart(4, '0');
      // A field is seldom all: what it takes comes next.
      if (isField) item.command = { command: 'editor.action.triggerSuggest', title: 'Suggest' };
      return item;
    });
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | null {
    const found = fieldAt(this.readSchema(), document.getText(), document.offsetAt(position));
    if (found === null) return null;
    const takes = new vscode.MarkdownString().appendCodeblock(`${found.field}: ${found.takes}`, 'yaml');
    return new vscode.Hover([takes, new vscode.MarkdownString(found.description)]);
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const run = { command: 'edgewise.runRecipe', title: '$(play) Run Recipe', arguments: [document.uri] };
    return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), run)];
  }

  /** Checks a recipe once nothing was typed for a moment. */
  check(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    const timer = setTimeout(() => {
      this.waiting.delete(key);
      this.checkNow(document).catch((error: unknown) => this.output.channel.warn(String(error)));
    }, PAUSE_MS);
    this.waiting.set(key, timer);
  }

  forget({ uri }: vscode.TextDocument): void {
    clearTimeout(this.waiting.get(uri.toString()));
    this.waiting.delete(uri.toString());
    this.problems.delete(uri);
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.problems.dispose();
  }

  private async checkNow(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const { problems } = await this.engine.inspect('checkRecipe', { text: document.getText() });
    // What was typed meanwhile is checked by itself.
    if (document.isClosed || document.version !== version) return;
    const diagnostics = problems.map(({ message, start, end }) => {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
      diagnostic.source = 'Edgewise';
      return diagnostic;
    });
    this.problems.set(document.uri, diagnostics);
  }

  private readSchema(): SchemaNode {
    this.schema ??= readRecipeSchema(this.extensionPath);
    return this.schema;
  }
}
