import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { activeCustomEditor, extension, file, until } from './workspace';

export function defineModels(): void {
  describe('a model file', () => {
    it('opens in the model editor, with its structure', async () => {
      await vscode.commands.executeCommand('vscode.open', file('digits.onnx'));
      await until(() => activeCustomEditor()?.name === 'digits.onnx');
      assert.equal(activeCustomEditor()?.viewType, 'edgewise.model');
      const { documents } = await extension().exports.features();
      const document = await until(() => documents.active);
      await document.ready();
      assert.equal(document.summary?.parameters, 93_178);
    });

    it('that is none shows what is wrong, and nothing breaks', async () => {
      writeFileSync(file('broken.onnx').fsPath, '<!DOCTYPE html><title>404</title>');
      await vscode.commands.executeCommand('vscode.open', file('broken.onnx'));
      const { documents } = await extension().exports.features();
      const document = await until(() => (documents.active?.name === 'broken.onnx' ? documents.active : null));
      await document.ready();
      assert.equal(document.state?.kind, 'problem');
      assert.match(document.state?.kind === 'problem' ? document.state.message : '', /broken\.onnx.*web page/);
    });

    it('that changes on disk is read again, and what changed is said', async () => {
      const target = file('export.onnx');
      copyFileSync(file('digits.onnx').fsPath, target.fsPath);
      await vscode.commands.executeCommand('vscode.open', target);
      const { documents } = await extension().exports.features();
      const document = await until(() => (documents.active?.name === 'export.onnx' ? documents.active : null));
      await document.ready();
      const before = document.generation;
      // Half a file first, as an export writes it: that is not shown as damage.
      const bytes = await vscode.workspace.fs.readFile(file('digits.onnx'));
      writeFileSync(target.fsPath, bytes.subarray(0, bytes.length / 2));
      await vscode.commands.executeCommand('edgewise.compress', file('digits.onnx'), { choice: 'float16', data: {} });
      copyFileSync(file('digits.float16.onnx').fsPath, target.fsPath);
      await until(() => document.generation > before && document.state?.kind === 'model');
      const changes = document.state?.kind === 'model' ? document.state.changes : [];
      assert.ok(changes.length > 0, 'nothing is said');
    });
  });
}
