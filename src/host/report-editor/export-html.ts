import path from 'node:path';
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engine-client';

/** Asks where to, and writes the report as one self-contained HTML file. */
export async function exportHtml(
  report: vscode.Uri,
  engine: EngineClient,
  target?: vscode.Uri,
): Promise<vscode.Uri | null> {
  const beside = report.fsPath.replace(/\.json$/i, '.html');
  const chosen =
    target ??
    (await vscode.window.showSaveDialog({
      title: 'Export Report as HTML',
      defaultUri: vscode.Uri.file(beside),
      filters: { HTML: ['html'] },
    }));
  if (!chosen) return null;
  await engine.inspect('exportReport', { report: report.fsPath, output: chosen.fsPath });
  const open = 'Open';
  void vscode.window.showInformationMessage(`Wrote ${path.basename(chosen.fsPath)}.`, open).then((answer) => {
    if (answer === open) void vscode.env.openExternal(chosen);
  });
  return chosen;
}
