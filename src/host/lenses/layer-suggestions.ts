import * as vscode from 'vscode';
import type { PruningSuggestion } from '../../core/analysis/statistics.schema';
import { EdgewiseError } from '../../core/errors';
import type { Output } from '../diagnostics/output';
import type { ModelDocument } from '../documents/model-document';
import type { EngineClient } from '../engine/engine-client';

interface Known {
  readonly generation: number;
  readonly byLayer: Map<string, PruningSuggestion>;
}

/** What could go from each layer of a model, asked of the engine once a reading. */
export class LayerSuggestions {
  private readonly known = new WeakMap<ModelDocument, Known>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: EngineClient,
    private readonly output: Output,
  ) {}

  /** Null where nothing should go, or nothing is known yet: then a change follows. */
  of(document: ModelDocument, layer: string): PruningSuggestion | null {
    const known = this.known.get(document);
    if (known?.generation === document.generation) return known.byLayer.get(layer) ?? null;
    void this.ask(document);
    return null;
  }

  private async ask(document: ModelDocument): Promise<void> {
    const fresh: Known = { generation: document.generation, byLayer: new Map() };
    this.known.set(document, fresh);
    try {
      await this.engine.inspect(
        'statistics',
        { model: document.uri.fsPath, first: [] },
        {
          onProgress: (layers) => {
            for (const { layer, suggestion } of layers) if (suggestion) fresh.byLayer.set(layer, suggestion);
          },
        },
      );
      if (fresh.byLayer.size > 0) this.changed.fire();
    } catch (error) {
      if (!EdgewiseError.is(error, 'cancelled')) this.output.log(error);
    }
  }
}
