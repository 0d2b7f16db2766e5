import * as vscode from 'vscode';
import { EdgewiseError } from '../core/errors';

/** Running something that the workspace names needs a trusted workspace; looking at it does not. */
export function requireTrust(sentence: string): void {
  if (!vscode.workspace.isTrusted) throw new EdgewiseError('permission', sentence);
}
