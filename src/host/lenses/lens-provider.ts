import * as vscode from 'vscode';
import type { ModelDocument } from '../documents/model-document';
import type { ModelDocuments } from '../documents/model-documents';
import { watchFile } from '../documents/watch-file';
import { exportLens, findWritten, isModel, isReadable, type WrittenFile } from './export-lens';
import { layerLens } from './layer-lens';
import type { LayerSuggestions } from './layer-suggestions';
import type { ScriptFacts } from './script-lenses';

/** Models that lenses were drawn from are watched; the one that was longest not asked for makes room. */
const MAX_FOLLOWED = 8;

interface Followed {
  /** Null for files that are no models. */
  readonly document: ModelDocument | null;
  readonly watched: vscode.Disposable;
}

/** Lenses over a training script: what each layer costs, and the model that the script wrote. */
export class ScriptLensProvider implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly followed = new Map<string, Followed>();
  private readonly listeners: vscode.Disposable[];
  private parsed: { version: number; uri: string; facts: ScriptFacts } | null = null;

  constructor(
    private readonly documents: ModelDocuments,
    private readonly suggestions: LayerSuggestions,
  ) {
    const redraw = (): void => this.changed.fire();
    this.listeners = [
      suggestions.onDidChange(redraw),
      documents.onDidChangeActive(redraw),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('edgewise.codeLenses')) redraw();
      }),
    ];
  }

  async provideCodeLenses(script: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!vscode.workspace.getConfiguration('edgewise', script).get('codeLenses.enabled', true)) return [];
    const facts = await this.factsOf(script);
    if (facts.layers.length === 0 && facts.exports.length === 0) return [];
    const files = await Promise.all(facts.exports.map((line) => findWritten(script.uri, line.path)));
    for (const { uri } of files) this.follow(uri);
    const model = await this.modelFor(script, files);
    return [
      ...facts.layers.flatMap((line) => layerLens(rangeAt(script, line.offset), line, model, this.suggestions)),
      ...facts.exports.flatMap((line, index) => {
        const file = files[index];
        return file ? exportLens(rangeAt(script, line.offset), file) : [];
      }),
    ];
  }

  dispose(): void {
    for (const followed of this.followed.values()) release(followed);
    this.followed.clear();
    this.listeners.forEach((listener) => listener.dispose());
    this.changed.dispose();
  }

  private async factsOf(script: vscode.TextDocument): Promise<ScriptFacts> {
    const uri = script.uri.toString();
    if (this.parsed?.uri === uri && this.parsed.version === script.version) return this.parsed.facts;
    // The grammar is loaded with the first script, not with the extension.
    const { readScript } = await import('./script-lenses');
    const facts = readScript(script.getText());
    this.parsed = { uri, version: script.version, facts };
    return facts;
  }

  /** The model that the script exports, else the active one, else the one that a setting names. */
  private async modelFor(script: vscode.TextDocument, files: readonly WrittenFile[]): Promise<ModelDocument | null> {
    const exported = files.find(isModel)?.uri ?? this.documents.active?.uri ?? (await this.modelOfSetting(script));
    if (!exported) return null;
    const document = this.follow(exported);
    await document?.ready();
    return document;
  }

  private async modelOfSetting(script: vscode.TextDocument): Promise<vscode.Uri | null> {
    const setting = vscode.workspace.getConfiguration('edgewise', script).get('codeLenses.model', '');
    if (setting === '') return null;
    const file = await findWritten(script.uri, setting);
    return isModel(file) ? file.uri : null;
  }

  /** A file that appears or changes draws the lenses again. */
  private follow(uri: vscode.Uri): ModelDocument | null {
    const key = uri.toString();
    const known = this.followed.get(key);
    this.followed.delete(key);
    const followed = known ?? this.open(uri);
    this.followed.set(key, followed);
    for (const [oldest, one] of this.followed) {
      if (this.followed.size <= MAX_FOLLOWED) break;
      release(one);
      this.followed.delete(oldest);
    }
    return followed.document;
  }

  private open(uri: vscode.Uri): Followed {
    const redraw = (): void => this.changed.fire();
    if (isReadable(uri)) {
      const document = this.documents.open(uri);
      return { document, watched: document.onDidChange(redraw) };
    }
    const watcher = watchFile(uri);
    watcher.onDidCreate(redraw);
    watcher.onDidDelete(redraw);
    return { document: null, watched: watcher };
  }
}

function release({ document, watched }: Followed): void {
  watched.dispose();
  document?.dispose();
}

function rangeAt(script: vscode.TextDocument, offset: number): vscode.Range {
  const position = script.positionAt(offset);
  return new vscode.Range(position, position);
}
