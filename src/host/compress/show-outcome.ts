import * as vscode from 'vscode';
import type { CompressOutcome } from '../../protocol/engine';
import { REPORT_EDITOR } from '../registrations';

/** Opens the report, or says that nothing was kept. */
export async function showOutcome({ reportPath, missed }: CompressOutcome): Promise<void> {
  if (reportPath) await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(reportPath), REPORT_EDITOR);
  else void vscode.window.showWarningMessage(`${missed ?? 'The target was missed'}, so no file was kept.`);
}
