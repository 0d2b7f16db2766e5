import * as vscode from 'vscode';
import { EdgewiseError, messageOf } from '../../core/errors';

/** The output channel, and the last thing that went wrong. Paths stay in the channel, on the user's machine. */
export class Output {
  readonly channel = vscode.window.createOutputChannel('Edgewise', { log: true });
  lastError: { kind: string; when: string } | null = null;

  /** Logs an error and shows it once, with a way to the details. Being cancelled is no error. */
  async show(error: unknown): Promise<void> {
    this.log(error);
    if (EdgewiseError.is(error, 'cancelled')) return;
    const details = 'Show output';
    if ((await vscode.window.showErrorMessage(messageOf(error), details)) === details) this.channel.show();
  }

  log(error: unknown): void {
    const kind = EdgewiseError.is(error) ? error.kind : 'internal';
    if (kind === 'cancelled') {
      this.channel.info(messageOf(error));
      return;
    }
    this.lastError = { kind, when: new Date().toISOString() };
    this.channel.error(`${kind}: ${messageOf(error)}`);
    if (kind === 'internal' && error instanceof Error && error.stack) this.channel.debug(error.stack);
  }
}
