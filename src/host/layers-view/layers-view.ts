import * as vscode from 'vscode';
import { fromLayersView, type FromLayersView, type ToLayersView } from '../../protocol/layers-view';
import type { ModelDocument } from '../documents/model-document';
import type { ModelDocuments } from '../documents/model-documents';
import type { Output } from '../diagnostics/output';
import type { EngineClient } from '../engine/engine-client';
import { MODEL_EDITOR } from '../model-editor/model-editor';
import { modelMessageOf } from '../webviews/model-messages';
import { connectPage } from '../webviews/page';
import { StatisticsFeed } from './statistics-feed';

export const LAYERS_VIEW = 'edgewise.layers';

/** The Layers view in the sidebar: follows the active model editor. */
export class LayersViewProvider implements vscode.WebviewViewProvider {
  private feed: StatisticsFeed | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly documents: ModelDocuments,
    private readonly engine: EngineClient,
    private readonly output: Output,
  ) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    const post = connectPage<ToLayersView, FromLayersView>(view.webview, {
      name: 'layers',
      title: 'Layers',
      extensionUri: this.extensionUri,
      output: this.output,
      incoming: fromLayersView,
      onMessage: (message) => {
        if (message.type === 'ready') this.show(post);
        else this.onMessage(message, view);
      },
    });
    let watched: vscode.Disposable | null = null;
    const watch = (document: ModelDocument | null): void => {
      watched?.dispose();
      watched = document?.onDidChange(() => this.show(post)) ?? null;
    };
    const listeners = [
      this.documents.onDidChangeActive((document) => {
        watch(document);
        this.show(post);
      }),
      this.documents.onDidSelectLayer(({ document, layer, from }) => {
        if (document === this.documents.active && from !== view) post({ type: 'select', layer });
      }),
      // Messages to a hidden view are lost: it is told everything again when it is back.
      view.onDidChangeVisibility(() => {
        if (view.visible) this.show(post);
      }),
    ];
    watch(this.documents.active);
    view.onDidDispose(() => {
      watched?.dispose();
      this.feed?.stop();
      listeners.forEach((listener) => listener.dispose());
    });
  }

  private show(post: (message: ToLayersView) => void): void {
    const document = this.documents.active;
    if (document === null) {
      this.feed?.stop();
      post({ type: 'empty' });
      return;
    }
    void document.ready().then(() => {
      const message = modelMessageOf(document);
      if (message === null || document !== this.documents.active) return;
      post(message);
      if (message.type === 'model') this.feedStatistics(document, post);
    });
  }

  /** Statistics of a generation are computed once; a view that comes back gets what is there already. */
  private feedStatistics(document: ModelDocument, post: (message: ToLayersView) => void): void {
    if (this.feed?.isOf(document)) {
      this.feed.connect(post);
      return;
    }
    this.feed?.stop();
    this.feed = new StatisticsFeed(document, this.engine, this.output);
    this.feed.connect(post);
  }

  private onMessage(message: Exclude<FromLayersView, { type: 'ready' }>, view: vscode.WebviewView): void {
    const document = this.documents.active;
    if (message.type === 'action') void runAction(message.action, document);
    else if (document) {
      if (message.type === 'reveal') void vscode.commands.executeCommand('vscode.openWith', document.uri, MODEL_EDITOR);
      this.documents.select({ document, layer: message.layer, from: view });
    }
  }
}

const ACTIONS = {
  'open-model': () => vscode.commands.executeCommand('edgewise.inspect'),
  'open-example': () => vscode.commands.executeCommand('edgewise.openExample'),
  compress: (document: ModelDocument | null) => vscode.commands.executeCommand('edgewise.compress', document?.uri),
};

function runAction(action: keyof typeof ACTIONS, document: ModelDocument | null): Thenable<unknown> {
  return ACTIONS[action](document);
}
