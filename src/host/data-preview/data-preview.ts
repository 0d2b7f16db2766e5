import path from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import type { DataSection } from '../../core/recipe/recipe.schema';
import { fromDataPreview, type FromDataPreview, type ToDataPreview } from '../../protocol/data-preview';
import { chosenModel } from '../chosen-model';
import { DataFinder, type FoundData } from '../compress/data';
import { withProgress } from '../compress/with-progress';
import type { Output } from '../diagnostics/output';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { requireTrust } from '../trust';
import { connectPage } from '../webviews/page';
import { findPreprocessing } from './find-preprocessing';
import { PYTHON_SNIPPET } from './python-snippet';

export interface DataPreviewServices {
  readonly extensionUri: vscode.Uri;
  readonly memory: vscode.Memento;
  readonly engine: EngineClient;
  readonly documents: ModelDocuments;
  readonly output: Output;
}

/** Opens a tab with a few samples of a model's data as the model takes them; null when dismissed. */
export async function previewData(
  resource: vscode.Uri | undefined,
  services: DataPreviewServices,
): Promise<vscode.WebviewPanel | null> {
  requireTrust('Trying data on a model');
  const model = await chosenModel(resource, services.documents, 'Preview Data');
  if (!model) return null;
  const finder = new DataFinder(services.memory, services.engine);
  const found = (await finder.known(model)) ?? (await finder.ask(model));
  return found && new DataPreviewPanel(model, found, finder, services).panel;
}

/** Finds preprocessing with the user, and shows what it makes of the samples; null when dismissed. */
export async function previewFound(
  resource: vscode.Uri | undefined,
  services: DataPreviewServices,
  place?: number,
): Promise<DataSection | null> {
  requireTrust('Trying data on a model');
  const model = await chosenModel(resource, services.documents, 'Find Preprocessing');
  const data = model && (await findPreprocessing(model, services, place));
  if (data) await previewData(model, services);
  return data;
}

class DataPreviewPanel {
  readonly panel: vscode.WebviewPanel;
  private readonly post: (message: ToDataPreview) => void;

  constructor(
    private readonly model: vscode.Uri,
    private found: FoundData,
    private readonly finder: DataFinder,
    private readonly services: DataPreviewServices,
  ) {
    const title = `Data of ${path.basename(model.fsPath)}`;
    this.panel = vscode.window.createWebviewPanel('edgewise.data', title, vscode.ViewColumn.Active, {
      retainContextWhenHidden: true,
    });
    this.post = connectPage<ToDataPreview, FromDataPreview>(this.panel.webview, {
      name: 'data',
      title: 'Data',
      extensionUri: services.extensionUri,
      output: services.output,
      incoming: fromDataPreview,
      onMessage: (message) => {
        const work = message.type === 'ready' ? this.show() : this.act(message.action);
        void work.catch((error: unknown) => services.output.show(error));
      },
    });
  }

  private async show(): Promise<void> {
    const { model, found, services } = this;
    this.post({ type: 'loading' });
    try {
      const params = { model: model.fsPath, data: found.data, base: found.base };
      const preview = await withProgress('Trying the data on the model', (signal, onProgress) =>
        services.engine.run('previewData', params, { signal, onProgress }),
      );
      if (found.from === 'asked') await this.finder.remember(model, found);
      this.post({ type: 'preview', preview });
    } catch (error) {
      this.post({ type: 'problem', message: messageOf(error) });
    }
  }

  private async act(action: Extract<FromDataPreview, { type: 'action' }>['action']): Promise<void> {
    switch (action) {
      case 'compress':
        await vscode.commands.executeCommand('edgewise.compress', this.model);
        return;
      case 'evaluate':
        await vscode.commands.executeCommand('edgewise.evaluate', this.model);
        return;
      case 'find-preprocessing':
        return this.findPreprocessing();
      case 'other-data':
        return this.useOtherData();
      case 'copy-snippet':
        return copySnippet();
    }
  }

  private async findPreprocessing(): Promise<void> {
    if (!(await findPreprocessing(this.model, this.services))) return;
    this.found = (await this.finder.known(this.model)) ?? this.found;
    await this.show();
  }

  private async useOtherData(): Promise<void> {
    const found = await this.finder.ask(this.model);
    if (!found) return;
    this.found = found;
    await this.show();
  }
}

export async function copySnippet(): Promise<void> {
  await vscode.env.clipboard.writeText(PYTHON_SNIPPET);
  vscode.window.setStatusBarMessage('Edgewise: Python snippet copied', 3000);
}
