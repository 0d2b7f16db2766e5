import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { DataSection } from '../../../src/core/recipe/recipe.schema';
import type { CompressOutcome } from '../../../src/protocol/engine';
import { file, onDisk, until } from './workspace';

const NAME = 'written.edgewise.yaml';
const HALF = 'half.edgewise.yaml';

async function opened(name: string, text: string): Promise<vscode.TextDocument> {
  writeFileSync(file(name).fsPath, text);
  const document = await vscode.workspace.openTextDocument(file(name));
  await vscode.window.showTextDocument(document);
  return document;
}

async function typed(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(edit);
}

async function offered(document: vscode.TextDocument): Promise<string[]> {
  const end = document.positionAt(document.getText().length);
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    end,
  );
  return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

const problemsOf = (document: vscode.TextDocument): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Edgewise');

export function defineRecipes(): void {
  describe('a recipe in the editor', () => {
    it('is completed by fields and by what they take', async () => {
      const document = await opened(HALF, 'version: 1\nmodel: digits.onnx\ntarget:\n  ');
      const fields = await until(async () => {
        const words = await offered(document);
        return words.includes('maxDrop') ? words : null;
      });
      assert.ok(fields.includes('maxSize') && fields.includes('runtime'));
      await typed(document, 'version: 1\nsteps:\n  - quantize: { weights: int8, store: ');
      assert.deepEqual(
        (await offered(document)).filter((word) => ['native', 'unpacking', 'smallest'].includes(word)),
        ['native', 'unpacking', 'smallest'],
      );
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      rmSync(file(HALF).fsPath);
    });

    it('is told where it is wrong, until it is right', async () => {
      const document = await opened(NAME, 'version: 1\nsteps: []\n');
      await typed(document, 'version: 1\nsteps:\n  - quantize: { weights: int7 }\n');
      const problem = await until(() => problemsOf(document).find(({ range }) => document.getText(range) === 'int7'));
      assert.match(problem.message, /steps\[0\]\.quantize\.weights is 'int7'; use /);
      await typed(document, 'version: 1\nmodel: digits.onnx\nsteps:\n  - quantize: { weights: int8 }\n');
      await until(() => problemsOf(document).length === 0);
      assert.ok(await document.save());
    });

    it('says what a field is for', async () => {
      const document = await vscode.workspace.openTextDocument(file(NAME));
      const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        new vscode.Position(1, 2),
      );
      const texts = hover?.contents.map((one) => (typeof one === 'string' ? one : one.value)).join('\n');
      assert.match(texts ?? '', /The model to compress/);
    });

    it('is run from its lens, on the model that it names', async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        file(NAME),
        10,
      );
      const run = lenses.find(({ command }) => command?.command === 'edgewise.runRecipe');
      assert.equal(run?.command?.title, '$(play) Run Recipe');
      const outcome = await vscode.commands.executeCommand<CompressOutcome>('edgewise.runRecipe', file(NAME));
      assert.match(outcome.outputPath ?? '', /digits\.int8-weights.*\.onnx$/);
      assert.match(readFileSync(file(NAME).fsPath, 'utf8'), /model: digits\.onnx/);
      rmSync(file(NAME).fsPath);
    });
  });

  describe('preprocessing', () => {
    it('is found, and written into the recipe that the data come from, its comments kept', async () => {
      const recipe = file('edgewise.yaml');
      const before = readFileSync(recipe.fsPath, 'utf8');
      const data = await vscode.commands.executeCommand<DataSection>(
        'edgewise.findPreprocessing',
        file('digits.onnx'),
        0,
      );
      const after = readFileSync(recipe.fsPath, 'utf8');
      assert.equal(data.input?.scale, 1 / 255);
      assert.match(after, /scale: 0\.0039/);
      for (const comment of before.match(/#.*/g) ?? []) assert.ok(after.includes(comment));
      assert.ok(onDisk('digits.onnx'));
      await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Data of digits.onnx');
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      writeFileSync(recipe.fsPath, before);
    });
  });
}
