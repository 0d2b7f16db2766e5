import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../../src/extension';

/** The folder that is open: a copy of the bundled example. */
export function folder(): vscode.Uri {
  const first = vscode.workspace.workspaceFolders?.[0];
  if (!first) throw new Error('No folder is open.');
  return first.uri;
}

export const file = (...parts: string[]): vscode.Uri => vscode.Uri.joinPath(folder(), ...parts);

export const onDisk = (name: string): boolean => existsSync(file(name).fsPath);

export const names = (): string[] => readdirSync(folder().fsPath).sort();

export function extension(): vscode.Extension<ExtensionApi> {
  const found = vscode.extensions.getExtension<ExtensionApi>('edgewise.edgewise');
  if (!found) throw new Error('The extension is not there.');
  return found;
}

/** Waits until something holds; the test's own time limit ends it otherwise. */
export async function until<T>(what: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const value = await what();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The view type and path of the active custom editor. */
export function activeCustomEditor(): { viewType: string; name: string } | null {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom
    ? { viewType: input.viewType, name: path.basename(input.uri.fsPath) }
    : null;
}
