import * as vscode from 'vscode';
import { EdgewiseError } from '../../core/errors';
import { fromLayersView, type FromLayersView, type ToLayersView } from '../../protocol/layers-view';
import type { Output } from '../diagnostics/output';
import type { ModelDocument } from '../documents/model-document';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { modelMessageOf } from '../webviews/model-messages';
import { connectPage } from '../webviews/page';
import { StatisticsFeed } from './statistics-feed';

type Post = (message: ToLayersView) => void;

/** The Layers view in the sidebar: follows the active model editor. */
export class LayersViewProvider implements vscode.WebviewViewProvider {
  private readonly feeds = new WeakMap<ModelDocument, StatisticsFeed>();
  private readonly shown = new ShownReadings();
  private feed: StatisticsFeed | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly documents: ModelDocuments,
    private readonly engine: EngineClient,
    private readonly output: Output,
  ) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    const post: Post = connectPage<ToLayersView, FromLayersView>(view.webview, {
      name: 'layers',
      title: 'Layers',
      extensionUri: this.extensionUri,
      output: this.output,
      incoming: fromLayersView,
      onMessage: (message) => {
        if (message.type === 'ready') this.show(post);
        else this.act(message, view);
      },
    });
    let watched: vscode.Disposable | undefined;
    const follow = (document: ModelDocument | null): void => {
      watched?.dispose();
      watched = document?.onDidChange(() => this.show(post));
    };
    const listeners = [
      this.documents.onDidChangeActive((document) => {
        follow(document);
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
    follow(this.documents.active);
    view.onDidDispose(() => {
      watched?.dispose();
      this.feed?.stop();
      listeners.forEach((listener) => listener.dispose());
    });
  }

  private show(post: Post): void {
    const document = this.documents.active;
    if (document) void document.ready().then(() => this.showModel(document, post));
    else {
      this.switchTo(null);
      post({ type: 'empty' });
    }
  }

  private showModel(document: ModelDocument, post: Post): void {
    const message = modelMessageOf(document);
    if (message === null || document !== this.documents.active) return;
    if (message.type === 'problem') {
      this.switchTo(null);
      post(message);
      return;
    }
    const generation = this.shown.numberOf(document);
    post({ ...message, generation });
    if (document.selectedLayer !== null) post({ type: 'select', layer: document.selectedLayer });
    const feed = this.feedOf(document);
    this.switchTo(feed);
    feed.connect((layers, done) => post({ type: 'statistics', generation, layers, done }));
  }

  /** Statistics of one reading are computed once, however often it is shown. */
  private feedOf(document: ModelDocument): StatisticsFeed {
    const known = this.feeds.get(document);
    if (known?.isCurrent()) return known;
    const feed = new StatisticsFeed(document, this.engine, (error) => {
      if (EdgewiseError.is(error, 'engine')) void this.output.show(error);
      else this.output.log(error);
    });
    this.feeds.set(document, feed);
    return feed;
  }

  private switchTo(feed: StatisticsFeed | null): void {
    if (this.feed !== feed) this.feed?.stop();
    this.feed = feed;
  }

  private act(message: Exclude<FromLayersView, { type: 'ready' }>, view: vscode.WebviewView): void {
    const document = this.documents.active;
    if (message.type === 'action') void ACTIONS[message.action](document);
    else if (document) {
      this.documents.select({ document, layer: message.layer, from: view });
      if (message.type === 'reveal') void vscode.commands.executeCommand('edgewise.inspect', document.uri);
    }
  }
}

const ACTIONS = {
  'open-model': () => vscode.commands.executeCommand('edgewise.inspect'),
  'open-example': () => vscode.commands.executeCommand('edgewise.openExample'),
  compress: (document: ModelDocument | null) => vscode.commands.executeCommand('edgewise.compress', document?.uri),
} satisfies Record<string, (document: ModelDocument | null) => Thenable<unknown>>;

/** The page takes a higher number for newer, whichever file it is of: so one count runs over all files. */
class ShownReadings {
  private count = 0;
  private document: ModelDocument | null = null;
  private generation = 0;

  /** A new number when it is another file, or the same one read again. */
  numberOf(document: ModelDocument): number {
    if (this.document !== document || this.generation !== document.generation) this.count += 1;
    this.document = document;
    this.generation = document.generation;
    return this.count;
  }
}
