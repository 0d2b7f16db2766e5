import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { file, until } from './workspace';

const lensesOf = (uri: vscode.Uri): Thenable<vscode.CodeLens[]> =>
  vscode.commands.executeCommand('vscode.executeCodeLensProvider', uri, 100);

const titlesOf = async (uri: vscode.Uri): Promise<string[]> =>
  (await lensesOf(uri)).map((lens) => lens.command?.title ?? '').filter((title) => title !== '');

export function defineLenses(): void {
  describe('code lenses on a training script', () => {
    const script = (): vscode.Uri => file('train.py');

    it('say what each layer makes, in parameters and in the model', async () => {
      await vscode.window.showTextDocument(script());
      const titles = await until(async () => {
        const found = await titlesOf(script());
        return found.some((title) => title.includes('digits.onnx')) ? found : null;
      });
      const conv3 = titles.find((title) => title.startsWith('18.5 K parameters'));
      assert.match(conv3 ?? '', /74\.?\d* KB in digits\.onnx/);
    });

    it('suggest what could go, as an estimate', async () => {
      await until(async () =>
        (await titlesOf(script())).some((title) => /remove \d+ of \d+ filters.*estimate/.test(title)),
      );
    });

    it('lead to the exported model, and to compressing it', async () => {
      const commands = (await lensesOf(script())).map((lens) => lens.command?.command);
      assert.ok(commands.includes('edgewise.revealLayer'));
      assert.ok(commands.some((command) => command?.startsWith('edgewise.compress')));
    });

    it('are one a layer with weights, and those of the two files that the script writes', async () => {
      const titles = await titlesOf(script());
      assert.equal(titles.filter((title) => title.includes('parameters')).length, 8);
      assert.deepEqual(titles.slice(8), ['Show digits.pt', 'Open model', 'Compress…']);
    });

    it('say when a file is not there', async () => {
      rmSync(file('digits.pt').fsPath, { force: true });
      await until(async () => (await titlesOf(script())).includes('digits.pt is not exported yet'));
    });

    it('follow a model that is exported again, or is gone', async () => {
      const kept = readFileSync(file('digits.onnx').fsPath);
      copyFileSync(file('digits.float16.onnx').fsPath, file('digits.onnx').fsPath);
      await until(async () => (await titlesOf(script())).some((title) => /37 KB in digits\.onnx/.test(title)));
      rmSync(file('digits.onnx').fsPath);
      await until(async () => (await titlesOf(script())).includes('digits.onnx is not exported yet'));
      assert.ok(!(await titlesOf(script())).some((title) => title.includes('in digits.onnx')));
      writeFileSync(file('digits.onnx').fsPath, kept);
      await until(async () => (await titlesOf(script())).some((title) => /74 KB in digits\.onnx/.test(title)));
    });

    it('can be turned off', async () => {
      const settings = vscode.workspace.getConfiguration('edgewise');
      await settings.update('codeLenses.enabled', false, vscode.ConfigurationTarget.Workspace);
      await until(async () => (await titlesOf(script())).length === 0);
      await settings.update('codeLenses.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    });
  });
}
