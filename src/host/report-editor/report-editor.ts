import path from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import type { Report } from '../../core/evaluation/report.schema';
import { fromReportEditor, type FromReportEditor, type ToReportEditor } from '../../protocol/report-editor';
import { watchFile } from '../documents/watch-file';
import type { Output } from '../diagnostics/output';
import type { EngineClient } from '../engine/engine-client';
import { connectPage } from '../webviews/page';
import { exportHtml } from './export-html';
import { readReportFile } from './read-report';

/** The editor of a report file: the figures as a page, read again when the file changes. */
export class ReportEditorProvider {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly engine: EngineClient,
    private readonly output: Output,
  ) {}

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    let report: Report | null = null;
    const post = connectPage<ToReportEditor, FromReportEditor>(panel.webview, {
      name: 'report',
      title: 'Report',
      extensionUri: this.extensionUri,
      output: this.output,
      incoming: fromReportEditor,
      onMessage: (message) => {
        if (message.type === 'ready') void show();
        else void this.act(message, uri, report).catch((error: unknown) => this.output.show(error));
      },
    });
    const show = async (): Promise<void> => {
      try {
        report = await readReportFile(uri);
        post({ type: 'report', file: path.basename(uri.fsPath), report });
      } catch (error) {
        report = null;
        post({ type: 'problem', message: messageOf(error) });
      }
    };
    const watcher = watchFile(uri);
    watcher.onDidChange(() => void show());
    watcher.onDidCreate(() => void show());
    panel.onDidDispose(() => watcher.dispose());
  }

  private async act(
    message: Exclude<FromReportEditor, { type: 'ready' }>,
    uri: vscode.Uri,
    report: Report | null,
  ): Promise<void> {
    if (message.type === 'copy-suggestion') await copy(report?.next[message.index]?.command ?? null);
    else if (message.action === 'copy-command') await copy(report?.command ?? null);
    else if (message.action === 'export-html') await exportHtml(uri, this.engine);
    else if (message.action === 'open-as-text') await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
    else await openBeside(uri, message.action === 'open-source' ? report?.source : report?.output);
  }
}

async function copy(command: string | null): Promise<void> {
  if (command === null) return;
  await vscode.env.clipboard.writeText(command);
  vscode.window.setStatusBarMessage('Edgewise: command copied', 3000);
}

/** A model that a report names, which may have gone since. */
async function openBeside(report: vscode.Uri, name: string | null | undefined): Promise<void> {
  if (!name) return;
  const file = vscode.Uri.file(path.resolve(path.dirname(report.fsPath), name));
  try {
    await vscode.workspace.fs.stat(file);
  } catch {
    void vscode.window.showWarningMessage(`${name} is no longer beside the report.`);
    return;
  }
  await vscode.commands.executeCommand('vscode.open', file);
}
