import type { LayerStatistics } from '../../core/analysis/statistics.schema';
import { EdgewiseError } from '../../core/errors';
import type { ToLayersView } from '../../protocol/layers-view';
import type { ModelDocument } from '../documents/model-document';
import type { Output } from '../diagnostics/output';
import type { EngineClient } from '../engine/engine-client';

type Post = (message: ToLayersView) => void;

/** Statistics of one reading of a model, as they arrive from the engine. */
export class StatisticsFeed {
  private readonly generation: number;
  private readonly received: LayerStatistics[] = [];
  private readonly stopping = new AbortController();
  private done = false;
  private post: Post | null = null;

  constructor(
    private readonly document: ModelDocument,
    engine: EngineClient,
    output: Output,
  ) {
    this.generation = document.generation;
    void this.run(engine).catch((error: unknown) => output.log(error));
  }

  isOf(document: ModelDocument): boolean {
    return this.document === document && this.generation === document.generation && !this.stopping.signal.aborted;
  }

  /** Tells what is known so far, and from now on what comes. */
  connect(post: Post): void {
    this.post = post;
    if (this.received.length > 0) this.tell(this.received);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async run(engine: EngineClient): Promise<void> {
    const params = { model: this.document.uri.fsPath, first: [] };
    try {
      await engine.inspect('statistics', params, {
        signal: this.stopping.signal,
        onProgress: (layers) => {
          this.received.push(...layers);
          this.tell(layers);
        },
      });
      this.done = true;
      this.tell([]);
    } catch (error) {
      if (!EdgewiseError.is(error, 'cancelled')) throw error;
    }
  }

  private tell(layers: LayerStatistics[]): void {
    if (this.stopping.signal.aborted) return;
    this.post?.({ type: 'statistics', generation: this.generation, layers, done: this.done });
  }
}
