import * as vscode from 'vscode';
import { CompressFlow, type CompressArguments } from './compress/compress';
import { evaluate } from './compress/evaluate';
import { chosenModel } from './chosen-model';
import { copySnippet, previewData, previewFound } from './data-preview/data-preview';
import { copyDiagnostics } from './diagnostics/copy-diagnostics';
import type { Output } from './diagnostics/output';
import type { ModelDocuments } from './documents/model-documents';
import type { EngineClient } from './engine/engine-client';
import { openExample } from './example/open-example';
import { MODEL_EDITOR, type CommandName } from './registrations';
import { exportHtml } from './report-editor/export-html';
import { TrainFlow, trainArgumentsOf, type TrainingKind } from './training/train-flow';
import type { TrainingTabs } from './training/training-tabs';

export interface CommandServices {
  readonly context: vscode.ExtensionContext;
  readonly output: Output;
  readonly engine: EngineClient;
  readonly documents: ModelDocuments;
  readonly training: TrainingTabs;
}

export type CommandTable = Record<CommandName, (...words: never[]) => unknown>;

/** What each command does. What it throws is shown to the user as one sentence. */
export function commandTable({ context, output, engine, documents, training }: CommandServices): CommandTable {
  const flow = new CompressFlow(context.workspaceState, engine, documents, training);
  const trainFlow = new TrainFlow(context.workspaceState, engine, documents, flow);
  const train = (kind: TrainingKind) => (resource?: vscode.Uri, given?: unknown) =>
    trainFlow.run(kind, resource, trainArgumentsOf(given));
  const compress = (resource?: vscode.Uri, given?: unknown) => flow.run(resource, argumentsOf(given));
  const measure = (resource?: vscode.Uri) => evaluate(resource, context.workspaceState, engine, documents);
  const { extensionUri, workspaceState: memory } = context;
  const previewing = { extensionUri, memory, engine, documents, output };
  const preview = (resource?: vscode.Uri) => previewData(resource, previewing);
  const find = (resource?: vscode.Uri, place?: unknown) =>
    previewFound(resource, previewing, typeof place === 'number' ? place : undefined);
  return {
    'edgewise.inspect': async (resource?: vscode.Uri) => {
      const model = await chosenModel(resource, documents, 'Inspect');
      if (model) await vscode.commands.executeCommand('vscode.openWith', model, MODEL_EDITOR);
    },
    'edgewise.compress': compress,
    'edgewise.compressFile': compress,
    'edgewise.fineTune': train('fine-tune'),
    'edgewise.fineTuneFile': train('fine-tune'),
    'edgewise.trainQuantized': train('quantized'),
    'edgewise.trainQuantizedFile': train('quantized'),
    'edgewise.distil': train('distil'),
    'edgewise.distilFile': train('distil'),
    'edgewise.evaluate': measure,
    'edgewise.evaluateFile': measure,
    'edgewise.previewData': preview,
    'edgewise.previewDataFile': preview,
    'edgewise.findPreprocessing': find,
    'edgewise.findPreprocessingFile': find,
    'edgewise.runRecipe': (resource?: vscode.Uri, signal?: unknown) =>
      flow.runRecipe(
        resource ?? vscode.window.activeTextEditor?.document.uri,
        signal instanceof AbortSignal ? signal : undefined,
      ),
    'edgewise.copyDataSnippet': copySnippet,
    'edgewise.exportReport': async (resource?: vscode.Uri, target?: unknown) => {
      const report = resource ?? activeReport();
      return report ? exportHtml(report, engine, target instanceof vscode.Uri ? target : undefined) : null;
    },
    'edgewise.forgetData': () => context.workspaceState.update('edgewise.data', undefined),
    'edgewise.revealLayer': async (model: vscode.Uri, layer: string) => {
      await vscode.commands.executeCommand('vscode.openWith', model, MODEL_EDITOR);
      const document = documents.open(model);
      await document.ready();
      documents.select({ document, layer, from: null });
      document.dispose();
    },
    'edgewise.openExample': () => openExample(context.extensionUri),
    'edgewise.copyDiagnostics': () => copyDiagnostics(context, output),
    'edgewise.showOutput': () => output.channel.show(),
  };
}

/** The explorer passes its selection as second argument; only an object of ours is taken for arguments. */
function argumentsOf(given: unknown): CompressArguments {
  return isCompressArguments(given) ? given : {};
}

function isCompressArguments(given: unknown): given is CompressArguments {
  return typeof given === 'object' && given !== null && !Array.isArray(given) && ('choice' in given || 'data' in given);
}

function activeReport(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.uri.path.endsWith('.edgewise.json') ? input.uri : undefined;
}
