import path from 'node:path';
import type * as vscode from 'vscode';
import { commandTable, type CommandTable } from './commands';
import { versionOf } from './diagnostics/copy-diagnostics';
import type { Output } from './diagnostics/output';
import { ModelDocuments } from './documents/model-documents';
import { EngineClient } from './engine/engine-client';
import { LayersViewProvider } from './layers-view/layers-view';
import { LayerSuggestions } from './lenses/layer-suggestions';
import { ScriptLensProvider } from './lenses/lens-provider';
import { ModelEditorProvider } from './model-editor/model-editor';
import { RecipeEditing } from './recipes/recipe-editing';
import { ReportEditorProvider } from './report-editor/report-editor';
import { TrainingTabs } from './training/training-tabs';

/** All that the extension does, made when the first of it is needed. */
export class Features implements vscode.Disposable {
  readonly documents = new ModelDocuments();
  readonly engine: EngineClient;
  readonly modelEditor: ModelEditorProvider;
  readonly reportEditor: ReportEditorProvider;
  readonly layersView: LayersViewProvider;
  readonly lenses: ScriptLensProvider;
  readonly recipes: RecipeEditing;
  readonly training: TrainingTabs;
  readonly commands: CommandTable;

  constructor(
    context: vscode.ExtensionContext,
    readonly output: Output,
  ) {
    const { extensionUri } = context;
    const { documents } = this;
    this.engine = new EngineClient({
      entry: path.join(context.extensionPath, 'out', 'engine.js'),
      version: versionOf(context),
      log: (line) => output.channel.info(line),
    });
    this.modelEditor = new ModelEditorProvider(extensionUri, documents, output);
    this.reportEditor = new ReportEditorProvider(extensionUri, this.engine, output);
    this.layersView = new LayersViewProvider(extensionUri, documents, this.engine, output);
    this.lenses = new ScriptLensProvider(documents, new LayerSuggestions(this.engine, output));
    this.recipes = new RecipeEditing(context.extensionPath, this.engine, output);
    this.training = new TrainingTabs({ extensionUri, engine: this.engine, output });
    this.commands = commandTable({ context, output, engine: this.engine, documents, training: this.training });
  }

  dispose(): void {
    this.lenses.dispose();
    this.recipes.dispose();
    this.engine.dispose();
  }
}
