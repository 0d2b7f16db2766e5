import * as vscode from 'vscode';
import { EdgewiseError, messageOf, type ErrorKind } from '../../core/errors';

export interface LastError {
  readonly kind: ErrorKind;
  /** Names files: for the user's own eyes. */
  readonly message: string;
  readonly when: string;
}

/** The output channel, and the last thing that went wrong. Paths stay in the channel, on the user's machine. */
export class Output {
  readonly channel = vscode.window.createOutputChannel('Edgewise', { log: true });
  lastError: LastError | null = null;

  /** Logs an error and shows it once, with a way to the details. Being cancelled is no error. */
  async show(error: unknown): Promise<void> {
    this.log(error);
    if (EdgewiseError.is(error, 'cancelled')) return;
    const untrusted = EdgewiseError.is(error, 'permission') && !vscode.workspace.isTrusted;
    const action = untrusted ? 'Manage Workspace Trust' : 'Show Output';
    if ((await vscode.window.showErrorMessage(messageOf(error), action)) !== action) return;
    if (untrusted) await vscode.commands.executeCommand('workbench.trust.manage');
    else this.channel.show();
  }

  log(error: unknown): void {
    const kind = EdgewiseError.is(error) ? error.kind : 'internal';
    if (kind === 'cancelled') {
      this.channel.info(messageOf(error));
      return;
    }
    this.lastError = { kind, message: messageOf(error), when: new Date().toISOString() };
    this.channel.error(`${kind}: ${messageOf(error)}`);
    if (kind === 'internal' && error instanceof Error && error.stack) this.channel.debug(error.stack);
  }
}
