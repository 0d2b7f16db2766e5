import * as vscode from 'vscode';

const FILES = ['README.md', 'train.py', 'digits.onnx', 'digits.pt', 'edgewise.yaml'];
const DATA = ['train.npz', 'calibration.npz', 'test.npz'];

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
  for (const name of [...FILES, ...DATA.map((file) => `data/${file}`)]) {
    await copyMissing(vscode.Uri.joinPath(source, name), vscode.Uri.joinPath(target, name));
  }
  return target;
}

async function copyMissing(from: vscode.Uri, to: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.copy(from, to, { overwrite: false });
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError && error.code === 'FileExists')) throw error;
  }
}
