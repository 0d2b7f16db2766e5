import path from 'node:path';
import * as vscode from 'vscode';
import { exists } from '../files';

/** Endings of model files that the model editor opens. */
const READABLE = /\.onnx$/i;

/** A file that a script writes, as it was looked for. */
export interface WrittenFile {
  /** Where it is, or where it will be. */
  readonly uri: vscode.Uri;
  readonly exists: boolean;
}

/** A path of a script: relative to its folder, else to the workspace's. The first that exists, otherwise the first. */
export async function findWritten(script: vscode.Uri, written: string): Promise<WrittenFile> {
  const beside = vscode.Uri.file(path.resolve(path.dirname(script.fsPath), written));
  if (await exists(beside)) return { uri: beside, exists: true };
  const folder = vscode.workspace.getWorkspaceFolder(script)?.uri.fsPath;
  const inWorkspace = folder === undefined ? beside : vscode.Uri.file(path.resolve(folder, written));
  return (await exists(inWorkspace)) ? { uri: inWorkspace, exists: true } : { uri: beside, exists: false };
}

export function isReadable(uri: vscode.Uri): boolean {
  return READABLE.test(uri.path);
}

export function isModel({ uri, exists }: WrittenFile): boolean {
  return exists && isReadable(uri);
}

/** The lenses of a line that writes a model: open it, compress it, or that it is not there yet. */
export function exportLens(range: vscode.Range, file: WrittenFile): vscode.CodeLens[] {
  const name = path.basename(file.uri.fsPath);
  if (!file.exists) return [new vscode.CodeLens(range, { title: `${name} is not exported yet`, command: '' })];
  if (!isModel(file)) {
    const title = `Show ${name}`;
    const tooltip = `${name} holds weights without a graph. Export the model to ONNX to see its layers and compress it.`;
    return [new vscode.CodeLens(range, { title, tooltip, command: 'revealInExplorer', arguments: [file.uri] })];
  }
  return [
    new vscode.CodeLens(range, { title: 'Open model', command: 'edgewise.inspect', arguments: [file.uri] }),
    new vscode.CodeLens(range, { title: 'Compress…', command: 'edgewise.compress', arguments: [file.uri] }),
  ];
}
