import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './workspace';

interface Manifest {
  contributes: { commands: { command: string; title: string; category: string }[] };
}

export function defineActivation(): void {
  describe('the extension', () => {
    const contributed = () => (extension().packageJSON as Manifest).contributes.commands;

    it('is not active before it is needed', () => assert.equal(extension().isActive, false));

    it('registers every command that it names', async () => {
      await extension().activate();
      const registered = new Set(await vscode.commands.getCommands(true));
      assert.deepEqual(
        contributed().filter(({ command }) => !registered.has(command)),
        [],
      );
    });

    it('names its commands for the palette', () => {
      for (const { command, title, category } of contributed()) {
        assert.equal(category, 'Edgewise', command);
        assert.match(title, /^[A-Z]\S*( \S+)*…?$/, command);
      }
    });
  });
}

/** At the end, when something has gone wrong and files have been named. */
export function defineDiagnostics(): void {
  describe('diagnostics', () => {
    it('hold versions and the last error, and neither a path nor the name of a file', async () => {
      const { lastError } = extension().exports.output;
      assert.ok(lastError);
      assert.match(lastError.message, /\.onnx/);
      const settings = vscode.workspace.getConfiguration('edgewise');
      await settings.update('codeLenses.model', 'secret/place.onnx', vscode.ConfigurationTarget.Workspace);
      await vscode.commands.executeCommand('edgewise.copyDiagnostics');
      await settings.update('codeLenses.model', undefined, vscode.ConfigurationTarget.Workspace);
      const text = await vscode.env.clipboard.readText();
      assert.match(text, /edgewise: 0\.\d+\.\d+/);
      assert.match(text, /ONNX Runtime: \d+\.\d+/);
      assert.match(text, /processor: /);
      assert.match(text, new RegExp(`last error: ${lastError.kind}`));
      assert.match(text, /edgewise\.codeLenses\.model: set/);
      assert.doesNotMatch(text, /\.onnx|workspace-|secret|[/\\]tmp[/\\]/);
    });
  });
}
