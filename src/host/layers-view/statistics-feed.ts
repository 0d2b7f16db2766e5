import type { LayerStatistics } from '../../core/analysis/statistics.schema';
import type { ModelDocument } from '../documents/model-document';
import type { EngineClient } from '../engine/engine-client';

/** What a feed tells: layers that are new, and whether that was all. */
export type Told = (layers: LayerStatistics[], done: boolean) => void;

/** Statistics of one reading of a model, kept as they arrive from the engine: a view that was hidden misses nothing. */
export class StatisticsFeed {
  private readonly generation: number;
  private readonly received: LayerStatistics[] = [];
  private readonly stopping = new AbortController();
  private state: 'running' | 'done' | 'failed' = 'running';
  private told: Told | null = null;

  /** @param onError what went wrong; being stopped is not told */
  constructor(
    private readonly document: ModelDocument,
    engine: EngineClient,
    onError: (error: unknown) => void,
  ) {
    this.generation = document.generation;
    this.run(engine).catch((error: unknown) => {
      this.state = 'failed';
      if (this.stopping.signal.aborted) return;
      // Nothing more comes: the page need not wait.
      this.told?.([], true);
      onError(error);
    });
  }

  /** True while it is worth keeping: of the document as it is now, and running or complete. */
  isCurrent(): boolean {
    return this.generation === this.document.generation && this.state !== 'failed' && !this.stopping.signal.aborted;
  }

  /** Tells what is known so far, and from now on what comes. */
  connect(told: Told): void {
    this.told = told;
    if (this.received.length > 0 || this.state === 'done') told(this.received, this.state === 'done');
  }

  /** Stops the engine's work, unless it is done already. */
  stop(): void {
    this.told = null;
    if (this.state === 'running') this.stopping.abort();
  }

  private async run(engine: EngineClient): Promise<void> {
    const params = { model: this.document.uri.fsPath, first: [] };
    await engine.inspect('statistics', params, {
      signal: this.stopping.signal,
      onProgress: (layers) => {
        this.received.push(...layers);
        this.told?.(layers, false);
      },
    });
    this.state = 'done';
    this.told?.([], true);
  }
}
