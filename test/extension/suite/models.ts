import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

    const damaged = (): [name: string, bytes: Uint8Array | string, says: RegExp][] => {
      const whole = readFileSync(file('digits.onnx').fsPath);
      return [
        ['page.onnx', '<!DOCTYPE html><title>404</title>', /page\.onnx.*web page/],
        ['empty.onnx', '', /empty\.onnx.*empty/],
        ['half.onnx', whole.subarray(0, whole.length / 2), /half\.onnx/],
        ['pointer.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n', /pointer\.onnx.*LFS/],
        ['zeros.onnx', new Uint8Array(4096), /zeros\.onnx/],
      ];
    };

    it('that is none shows what is wrong, and nothing breaks', async () => {
      const { documents, output } = await extension().exports.features();
      for (const [name, bytes, says] of damaged()) {
        writeFileSync(file(name).fsPath, bytes);
        await vscode.commands.executeCommand('vscode.open', file(name));
        const document = await until(() => (documents.active?.name === name ? documents.active : null));
        await document.ready();
        assert.equal(document.state?.kind, 'problem', name);
        assert.match(document.state.message, says);
        rmSync(file(name).fsPath);
      }
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      assert.equal(output.lastError, null);
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
      assert.match(changes.join(' '), /float16/);
      rmSync(target.fsPath);
      const { message } = await until(() => (document.state?.kind === 'problem' ? document.state : null));
      assert.equal(message, 'export.onnx was deleted or moved. It is shown again once it is back.');
      copyFileSync(file('digits.onnx').fsPath, target.fsPath);
      await until(() => document.state?.kind === 'model');
    });
  });
}
