import * as vscode from 'vscode';
import type { Output } from './diagnostics/output';
import type { Features } from './features';

/** Gives the features, loading them the first time. */
export type Load = () => Promise<Features>;

/** View types, as package.json names them. */
export const MODEL_EDITOR = 'edgewise.model';
export const REPORT_EDITOR = 'edgewise.report';
export const TRAINING_TAB = 'edgewise.training';
const LAYERS_VIEW = 'edgewise.layers';

/** The commands of package.json, and one that lenses run. Context menus show no category: theirs have it in the title. */
const COMMANDS = [
  'edgewise.inspect',
  'edgewise.compress',
  'edgewise.compressFile',
  'edgewise.fineTune',
  'edgewise.fineTuneFile',
  'edgewise.trainQuantized',
  'edgewise.trainQuantizedFile',
  'edgewise.distil',
  'edgewise.distilFile',
  'edgewise.evaluate',
  'edgewise.evaluateFile',
  'edgewise.previewData',
  'edgewise.previewDataFile',
  'edgewise.findPreprocessing',
  'edgewise.findPreprocessingFile',
  'edgewise.runRecipe',
  'edgewise.copyDataSnippet',
  'edgewise.exportReport',
  'edgewise.openExample',
  'edgewise.forgetData',
  'edgewise.copyDiagnostics',
  'edgewise.showOutput',
  'edgewise.revealLayer',
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** A failure is logged, and shown as one sentence. */
export function registerCommands(load: Load, output: Output): vscode.Disposable[] {
  return COMMANDS.map((name) =>
    vscode.commands.registerCommand(name, async (...words: never[]) => {
      try {
        return await (await load()).commands[name](...words);
      } catch (error) {
        void output.show(error);
        return undefined;
      }
    }),
  );
}

export function registerEditors(load: Load): vscode.Disposable[] {
  const modelEditor: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: async (uri) => (await load()).modelEditor.openCustomDocument(uri),
    resolveCustomEditor: async (document, panel) => (await load()).modelEditor.resolveCustomEditor(document, panel),
  };
  const reportEditor: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: async (uri) => (await load()).reportEditor.openCustomDocument(uri),
    resolveCustomEditor: async (document, panel) => (await load()).reportEditor.resolveCustomEditor(document, panel),
  };
  return [
    vscode.window.registerCustomEditorProvider(MODEL_EDITOR, modelEditor, { supportsMultipleEditorsPerDocument: true }),
    vscode.window.registerCustomEditorProvider(REPORT_EDITOR, reportEditor, {
      supportsMultipleEditorsPerDocument: true,
    }),
  ];
}

export function registerLayersView(load: Load): vscode.Disposable {
  return vscode.window.registerWebviewViewProvider(LAYERS_VIEW, {
    resolveWebviewView: async (view) => (await load()).layersView.resolveWebviewView(view),
  });
}

/** Brings training tabs back after the window was reloaded. */
export function registerTrainingTabs(load: Load): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(TRAINING_TAB, {
    deserializeWebviewPanel: async (panel, left: unknown) => (await load()).training.restore(panel, left),
  });
}

export function registerLenses(load: Load): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let listening = false;
  return vscode.languages.registerCodeLensProvider(
    { language: 'python', scheme: 'file' },
    {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (script) => {
        const { lenses } = await load();
        if (!listening) lenses.onDidChangeCodeLenses(() => changed.fire());
        listening = true;
        return lenses.provideCodeLenses(script);
      },
    },
  );
}
