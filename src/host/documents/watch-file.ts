import path from 'node:path';
import * as vscode from 'vscode';

/** Watches one file, which need not exist yet, inside the workspace or outside of it. */
export function watchFile(uri: vscode.Uri): vscode.FileSystemWatcher {
  // In a pattern some characters of a name would mean something.
  const name = path.basename(uri.fsPath).replace(/[[\]{}*]/g, '?');
  return vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), name));
}
