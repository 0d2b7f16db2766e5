import * as vscode from 'vscode';
import { fromModelEditor, type FromModelEditor, type ToModelEditor } from '../../protocol/model-editor';
import type { ModelDocument } from '../documents/model-document';
import type { ModelDocuments } from '../documents/model-documents';
import type { Output } from '../diagnostics/output';
import { modelMessageOf } from '../webviews/model-messages';
import { connectPage } from '../webviews/page';

/** The read-only editor of a model file: facts, totals, the table of layers. */
export class ModelEditorProvider {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly documents: ModelDocuments,
    private readonly output: Output,
  ) {}

  openCustomDocument(uri: vscode.Uri): ModelDocument {
    return this.documents.open(uri);
  }

  resolveCustomEditor(opened: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const document = this.documents.of(opened.uri);
    if (!document) return;
    const post = connectPage<ToModelEditor, FromModelEditor>(panel.webview, {
      name: 'model',
      title: 'Model',
      extensionUri: this.extensionUri,
      output: this.output,
      incoming: fromModelEditor,
      onMessage: (message) => onMessage(message),
    });
    const show = (): void => {
      const message = modelMessageOf(document);
      if (message) post(message);
    };
    const showAll = (): void => {
      show();
      if (document.selectedLayer !== null) post({ type: 'select', layer: document.selectedLayer });
    };
    const onMessage = (message: FromModelEditor): void => {
      if (message.type === 'ready') void document.ready().then(showAll);
      else if (message.type === 'select') this.documents.select({ document, layer: message.layer, from: panel });
      else void runAction(message.action, document.uri);
    };
    const follow = (): void => {
      if (panel.active) this.documents.activate(document);
    };
    const listeners = [
      document.onDidChange(show),
      panel.onDidChangeViewState(follow),
      this.documents.onDidSelectLayer(({ document: of, layer, from }) => {
        if (of === document && from !== panel) post({ type: 'select', layer });
      }),
    ];
    document.editors += 1;
    panel.onDidDispose(() => {
      listeners.forEach((listener) => listener.dispose());
      document.editors -= 1;
      if (document.editors === 0) this.documents.deactivate(document);
    });
    follow();
  }
}

const ACTIONS = {
  compress: (uri: vscode.Uri) => vscode.commands.executeCommand('edgewise.compress', uri),
  evaluate: (uri: vscode.Uri) => vscode.commands.executeCommand('edgewise.evaluate', uri),
  'open-as-text': (uri: vscode.Uri) => vscode.commands.executeCommand('vscode.openWith', uri, 'default'),
};

function runAction(action: keyof typeof ACTIONS, uri: vscode.Uri): Thenable<unknown> {
  return ACTIONS[action](uri);
}
