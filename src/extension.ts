import path from 'node:path';
import * as vscode from 'vscode';
import { registerCommands } from './host/commands';
import { versionOf } from './host/diagnostics/copy-diagnostics';
import { Output } from './host/diagnostics/output';
import { ModelDocuments } from './host/documents/model-documents';
import { EngineClient } from './host/engine/engine-client';
import { LAYERS_VIEW, LayersViewProvider } from './host/layers-view/layers-view';
import { LayerSuggestions } from './host/lenses/layer-suggestions';
import { ScriptLensProvider } from './host/lenses/lens-provider';
import { MODEL_EDITOR, ModelEditorProvider } from './host/model-editor/model-editor';
import { REPORT_EDITOR, ReportEditorProvider } from './host/report-editor/report-editor';

/** What tests may look at. */
export interface ExtensionApi {
  readonly engine: EngineClient;
  readonly output: Output;
  readonly documents: ModelDocuments;
}

/** Wires the features. Nothing is read, started or computed here. */
export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const output = new Output();
  const documents = new ModelDocuments();
  const engine = new EngineClient({
    entry: path.join(context.extensionPath, 'out', 'engine.js'),
    version: versionOf(context),
    log: (line) => output.channel.info(line),
  });
  const { extensionUri } = context;
  const lenses = new ScriptLensProvider(documents, new LayerSuggestions(engine, output));
  context.subscriptions.push(
    output.channel,
    engine,
    lenses,
    vscode.window.registerCustomEditorProvider(MODEL_EDITOR, new ModelEditorProvider(extensionUri, documents, output), {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerCustomEditorProvider(REPORT_EDITOR, new ReportEditorProvider(extensionUri, engine, output)),
    vscode.window.registerWebviewViewProvider(
      LAYERS_VIEW,
      new LayersViewProvider(extensionUri, documents, engine, output),
    ),
    vscode.languages.registerCodeLensProvider({ language: 'python', scheme: 'file' }, lenses),
    ...registerCommands({ context, output, engine, documents }),
  );
  return { engine, output, documents };
}
