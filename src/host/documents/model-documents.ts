import * as vscode from 'vscode';
import { ModelDocument } from './model-document';

/** The models that are open, one document a file whatever shows it; which one is active, and which layer in it. */
export class ModelDocuments {
  private readonly byUri = new Map<string, ModelDocument>();
  private readonly activeChanged = new vscode.EventEmitter<ModelDocument | null>();
  readonly onDidChangeActive = this.activeChanged.event;
  private readonly layerSelected = new vscode.EventEmitter<LayerSelection>();
  readonly onDidSelectLayer = this.layerSelected.event;
  private current: ModelDocument | null = null;

  get active(): ModelDocument | null {
    return this.current;
  }

  /** The document of a file; every caller disposes of it once. */
  open(uri: vscode.Uri): ModelDocument {
    const key = uri.toString();
    const document = this.byUri.get(key) ?? new ModelDocument(uri, () => this.forget(key));
    this.byUri.set(key, document);
    document.users += 1;
    return document;
  }

  /** The document of a file that is open. */
  of(uri: vscode.Uri): ModelDocument | undefined {
    return this.byUri.get(uri.toString());
  }

  /** A view of the document came to the front. */
  activate(document: ModelDocument): void {
    if (this.current === document) return;
    this.current = document;
    this.activeChanged.fire(document);
  }

  /** The last editor of the document was closed. */
  deactivate(document: ModelDocument): void {
    if (this.current !== document) return;
    this.current = null;
    this.activeChanged.fire(null);
  }

  select(selection: LayerSelection): void {
    selection.document.selectedLayer = selection.layer;
    this.layerSelected.fire(selection);
  }

  private forget(key: string): void {
    const document = this.byUri.get(key);
    this.byUri.delete(key);
    if (document) this.deactivate(document);
  }
}

export interface LayerSelection {
  readonly document: ModelDocument;
  readonly layer: string;
  /** The view in which it was selected, which needs no telling. */
  readonly from: unknown;
}
