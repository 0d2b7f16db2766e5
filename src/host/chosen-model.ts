import path from 'node:path';
import * as vscode from 'vscode';
import type { ModelDocuments } from './documents/model-documents';

/** Models offered when nothing says which; more would not be read. */
const MAX_OFFERED = 200;

/** The model a command is for: the one it was called on, the active one, else one that the user picks. */
export async function chosenModel(
  resource: vscode.Uri | undefined,
  documents: ModelDocuments,
  verb: string,
): Promise<vscode.Uri | null> {
  const uri = resource instanceof vscode.Uri ? resource : documents.active?.uri;
  if (uri) return uri;
  const found = await modelsInWorkspace();
  if (found.length === 0) {
    const [opened] =
      (await vscode.window.showOpenDialog({ title: `${verb} Model`, filters: { Models: ['onnx'] } })) ?? [];
    return opened ?? null;
  }
  const items = found.map((file) => ({
    label: path.basename(file.fsPath),
    description: vscode.workspace.asRelativePath(vscode.Uri.joinPath(file, '..')),
    file,
  }));
  return (await vscode.window.showQuickPick(items, { title: `${verb} Model` }))?.file ?? null;
}

/** Where the editor's search does not work, the user finds the file. */
async function modelsInWorkspace(): Promise<vscode.Uri[]> {
  try {
    return await vscode.workspace.findFiles('**/*.onnx', '**/node_modules/**', MAX_OFFERED);
  } catch {
    return [];
  }
}
