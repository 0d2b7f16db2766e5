import * as vscode from 'vscode';
import { EdgewiseError } from '../core/errors';

/**
 * Running something that the workspace names needs a trusted workspace; looking at it does not.
 * @param doing "Compressing"
 * @throws EdgewiseError `permission` in Restricted Mode
 */
export function requireTrust(doing: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new EdgewiseError(
    'permission',
    `${doing} runs the model on data that this workspace names, which Restricted Mode does not allow. Trust the workspace, then try again.`,
  );
}
