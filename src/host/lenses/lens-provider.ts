import path from 'node:path';
import * as vscode from 'vscode';
import type { LayerSummary, ModelSummary } from '../../core/analysis/summary.schema';
import { exists } from '../compress/data';
import { sizeText } from '../compress/choice-items';
import type { ModelDocument } from '../documents/model-document';
import type { ModelDocuments } from '../documents/model-documents';
import type { LayerSuggestions } from './layer-suggestions';
import type { Parameters } from './layer-parameters';
import { readScript, type ExportLine, type LayerLine, type ScriptFacts } from './script-lenses';

/** Lenses over a training script: what each layer costs, and the model that the script wrote. */
export class ScriptLensProvider implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  /** Models that lenses were drawn from; a new reading draws them again. */
  private readonly models = new Map<string, { document: ModelDocument; listener: vscode.Disposable }>();
  private facts: { version: number; uri: string; facts: ScriptFacts } | null = null;

  constructor(
    private readonly documents: ModelDocuments,
    private readonly suggestions: LayerSuggestions,
  ) {
    this.suggestions.onDidChange(() => this.changed.fire());
    this.documents.onDidChangeActive(() => this.changed.fire());
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('edgewise.codeLenses')) this.changed.fire();
    });
  }

  async provideCodeLenses(script: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!vscode.workspace.getConfiguration('edgewise', script).get('codeLenses.enabled', true)) return [];
    const facts = this.factsOf(script);
    if (facts.layers.length === 0 && facts.exports.length === 0) return [];
    const files = await Promise.all(facts.exports.map((line) => findBeside(script.uri, line.path)));
    const model = await this.modelFor(script, files);
    return [
      ...facts.layers.flatMap((line) => layerLens(script, line, model, this.suggestions)),
      ...facts.exports.flatMap((line, index) => exportLenses(script, line, files[index] ?? null)),
    ];
  }

  dispose(): void {
    for (const { document, listener } of this.models.values()) {
      listener.dispose();
      document.dispose();
    }
    this.changed.dispose();
  }

  private factsOf(script: vscode.TextDocument): ScriptFacts {
    const uri = script.uri.toString();
    if (this.facts?.uri !== uri || this.facts.version !== script.version) {
      this.facts = { uri, version: script.version, facts: readScript(script.getText()) };
    }
    return this.facts.facts;
  }

  /** The model that the script exports, else the active one, else the one that a setting names. */
  private async modelFor(
    script: vscode.TextDocument,
    files: readonly (vscode.Uri | null)[],
  ): Promise<ModelDocument | null> {
    const exported = files.find((file) => file?.fsPath.toLowerCase().endsWith('.onnx'));
    const setting = vscode.workspace.getConfiguration('edgewise', script).get('codeLenses.model', '');
    const uri =
      exported ?? this.documents.active?.uri ?? (setting === '' ? null : await findBeside(script.uri, setting));
    if (!uri) return null;
    const document = this.follow(uri);
    await document.ready();
    return document;
  }

  private follow(uri: vscode.Uri): ModelDocument {
    const key = uri.toString();
    const followed = this.models.get(key);
    if (followed) return followed.document;
    const document = this.documents.open(uri);
    const listener = document.onDidChange(() => this.changed.fire());
    this.models.set(key, { document, listener });
    return document;
  }
}

function layerLens(
  script: vscode.TextDocument,
  line: LayerLine,
  model: ModelDocument | null,
  suggestions: LayerSuggestions,
): vscode.CodeLens[] {
  const layers = model?.summary ? layersOf(model.summary, line.targets) : [];
  const parts = [parametersText(line.parameters)];
  const [first] = layers;
  if (model && first) {
    parts.push(`${sizeText(layers.reduce((sum, layer) => sum + layer.bytes, 0))} in ${model.name}`);
    const suggestion = layers.length === 1 ? suggestions.of(model, first.name) : null;
    if (suggestion)
      parts.push(`suggestion: remove ${suggestion.remove} of ${suggestion.of} ${suggestion.unit} (estimate)`);
  }
  const title = parts.filter((part) => part !== '').join(' · ');
  if (title === '') return [];
  const command: vscode.Command =
    model && first
      ? { title, command: 'edgewise.revealLayer', arguments: [model.uri, first.name], tooltip: 'Show the layer' }
      : { title, command: '' };
  return [new vscode.CodeLens(rangeAt(script, line.offset), command)];
}

/** Layers of the model that a module attribute names: "conv1", or "layer1.0.conv1" for one in a block. */
function layersOf(summary: ModelSummary, targets: readonly string[]): LayerSummary[] {
  return summary.layers.filter(
    (layer) =>
      layer.weights.length > 0 && targets.some((target) => layer.name === target || layer.name.endsWith(`.${target}`)),
  );
}

function parametersText(parameters: Parameters): string {
  if (parameters === null) return '';
  if (typeof parameters === 'string') return parameters;
  if (parameters < 1000) return `${parameters} parameters`;
  const [value, unit] =
    parameters < 1e6 ? [parameters / 1e3, 'K'] : parameters < 1e9 ? [parameters / 1e6, 'M'] : [parameters / 1e9, 'G'];
  return `${value.toPrecision(3)} ${unit} parameters`;
}

function exportLenses(script: vscode.TextDocument, line: ExportLine, file: vscode.Uri | null): vscode.CodeLens[] {
  const range = rangeAt(script, line.offset);
  if (file === null)
    return [new vscode.CodeLens(range, { title: `${path.posix.basename(line.path)} is not there yet`, command: '' })];
  const readable = file.fsPath.toLowerCase().endsWith('.onnx');
  const open = readable
    ? { title: 'Open model', command: 'vscode.open', arguments: [file] }
    : { title: `${path.basename(file.fsPath)} is there`, command: 'revealInExplorer', arguments: [file] };
  const compress = { title: 'Compress…', command: 'edgewise.compress', arguments: [file] };
  return [open, ...(readable ? [compress] : [])].map((command) => new vscode.CodeLens(range, command));
}

function rangeAt(script: vscode.TextDocument, offset: number): vscode.Range {
  const position = script.positionAt(offset);
  return new vscode.Range(position, position);
}

/** A path of a script: relative to the script's folder, else to the workspace's. */
async function findBeside(script: vscode.Uri, written: string): Promise<vscode.Uri | null> {
  const folders = [path.dirname(script.fsPath), vscode.workspace.getWorkspaceFolder(script)?.uri.fsPath];
  for (const folder of folders) {
    if (folder === undefined) continue;
    const file = vscode.Uri.file(path.resolve(folder, written));
    if (await exists(file)) return file;
  }
  return null;
}
