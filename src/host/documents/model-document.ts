import path from 'node:path';
import * as vscode from 'vscode';
import { describeChanges } from '../../core/analysis/changes';
import { summarize } from '../../core/analysis/summary';
import type { ModelSummary } from '../../core/analysis/summary.schema';
import { EdgewiseError, messageOf } from '../../core/errors';
import { readModel } from '../../core/formats';
import { exists } from '../files';
import { watchFile } from './watch-file';

export type DocumentState =
  | { readonly kind: 'model'; readonly summary: ModelSummary; readonly changes: readonly string[] }
  | { readonly kind: 'problem'; readonly message: string };

/** An export writes a file in many steps: it is read once they have ceased for this long. */
const SETTLE_MS = 300;
/** A file that is incomplete just after a change is probably still being written. */
const RETRY_MS = 700;
const MAX_RETRIES = 8;
const PROBABLY_INCOMPLETE = new Set(['truncated', 'malformed', 'changed', 'not-a-model', 'not-found']);

/** One model file: its structure as last read, read again whenever it changes on disk. */
export class ModelDocument implements vscode.CustomDocument {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly watcher: vscode.FileSystemWatcher;
  private timer: NodeJS.Timeout | undefined;
  private begun = 0;
  private shown = 0;
  private reading: Promise<void> | null = null;
  private lastSummary: ModelSummary | null = null;

  /** Raised with every new state. */
  generation = 0;
  /** Null until it was read for the first time. */
  state: DocumentState | null = null;
  /** The layer last selected in any view. */
  selectedLayer: string | null = null;
  /** Editors that show it. */
  editors = 0;
  /** Whoever has it open: editors, lenses, a running command; the last one to go disposes of it. */
  users = 0;

  constructor(
    readonly uri: vscode.Uri,
    private readonly onDispose: () => void,
  ) {
    this.watcher = watchFile(uri);
    const later = (): void => this.readLater(SETTLE_MS, 0);
    this.watcher.onDidChange(later);
    this.watcher.onDidCreate(later);
    this.watcher.onDidDelete(later);
  }

  get name(): string {
    return path.basename(this.uri.fsPath);
  }

  get summary(): ModelSummary | null {
    return this.state?.kind === 'model' ? this.state.summary : null;
  }

  /** Resolves once the file was read, whether it could be or not. */
  ready(): Promise<void> {
    this.reading ??= this.read(MAX_RETRIES);
    return this.reading;
  }

  dispose(): void {
    this.users -= 1;
    if (this.users > 0) return;
    clearTimeout(this.timer);
    this.watcher.dispose();
    this.changed.dispose();
    this.onDispose();
  }

  private readLater(delay: number, retries: number): void {
    clearTimeout(this.timer);
    // A reading that was under way when the last one went would otherwise go on and on.
    if (this.users <= 0) return;
    this.timer = setTimeout(() => void this.read(retries), delay);
  }

  private async read(retries: number): Promise<void> {
    const run = ++this.begun;
    const state = await this.stateNow();
    // A reading that began later has already told.
    if (run < this.shown) return;
    if (state.error && retries < MAX_RETRIES && PROBABLY_INCOMPLETE.has(state.error.kind)) {
      this.readLater(RETRY_MS, retries + 1);
      return;
    }
    this.shown = run;
    this.generation += 1;
    this.state = state.shown;
    this.changed.fire();
  }

  private async stateNow(): Promise<{ shown: DocumentState; error: EdgewiseError | null }> {
    try {
      requireDisk(this.uri);
      const summary = summarize(await readModel(this.uri.fsPath));
      const changes = this.lastSummary ? describeChanges(this.lastSummary, summary) : [];
      this.lastSummary = summary;
      return { shown: { kind: 'model', summary, changes }, error: null };
    } catch (error) {
      // Weights beside the model may be what is missing: then the error says so.
      const isGone = this.lastSummary !== null && !(await exists(this.uri));
      const message = isGone
        ? `${this.name} was deleted or moved. It is shown again once it is back.`
        : messageOf(error);
      const shown: DocumentState = { kind: 'problem', message };
      return { shown, error: EdgewiseError.is(error) ? error : null };
    }
  }
}

/** Versions in a source control's view share the path of the file on disk, and are not that file. */
function requireDisk(uri: vscode.Uri): void {
  if (uri.scheme === 'file') return;
  throw new EdgewiseError(
    'unsupported',
    `${path.basename(uri.path)} is not on a disk that Edgewise can read ("${uri.scheme}"). Open the file itself.`,
  );
}
