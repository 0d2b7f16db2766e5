import * as vscode from 'vscode';
import { exists } from '../files';

const FILES = ['README.md', 'train.py', 'digits.onnx', 'digits.pt', 'edgewise.yaml'];
const DATA = ['data/train.npz', 'data/calibration.npz', 'data/test.npz'];

/** Copies the bundled example to a folder of the user's and opens it there, so that results have a place. */
export async function openExample(extensionUri: vscode.Uri): Promise<void> {
  const [parent] =
    (await vscode.window.showOpenDialog({
      title: 'Where to Put the Example',
      openLabel: 'Put “edgewise-digits” here',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!parent) return;
  const target = await copyExample(extensionUri, parent);
  await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: true });
}

/** Copies what is not there yet; a second time finds the user's results as they were. */
export async function copyExample(extensionUri: vscode.Uri, parent: vscode.Uri): Promise<vscode.Uri> {
  const source = vscode.Uri.joinPath(extensionUri, 'examples', 'digits');
  const target = vscode.Uri.joinPath(parent, 'edgewise-digits');
  // A checkout has no data before it was built.
  const data = (await exists(vscode.Uri.joinPath(source, 'data'))) ? DATA : [];
  for (const name of [...FILES, ...data]) {
    const to = vscode.Uri.joinPath(target, name);
    if (!(await exists(to))) await vscode.workspace.fs.copy(vscode.Uri.joinPath(source, name), to);
  }
  return target;
}
