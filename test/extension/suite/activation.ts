import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './workspace';

export function defineActivation(): void {
  describe('the extension', () => {
    it('is not active before it is needed', () => assert.equal(extension().isActive, false));

    it('registers every command that it names', async () => {
      await extension().activate();
      const registered = new Set(await vscode.commands.getCommands(true));
      const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
      const missing = contributes.commands.filter(({ command }) => !registered.has(command));
      assert.deepEqual(missing, []);
    });

    it('gives diagnostics without a path or a name of a file', async () => {
      await vscode.commands.executeCommand('edgewise.copyDiagnostics');
      const text = await vscode.env.clipboard.readText();
      assert.match(text, /edgewise: 0\.\d+\.\d+/);
      assert.match(text, /processor: /);
      assert.doesNotMatch(text, /\.onnx|workspace-|[/\\]tmp[/\\]/);
    });
  });
}
