import { encodeOnnx } from '../../formats/onnx/encode';
import type { JobContext } from '../../progress';
import { openSession, type Session, type SessionOptions } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import type { TrainingGraph } from '../training-graph';
import type { NamedValues } from '../transform';
import { TrainingState } from './state';

/** A graph that takes the place of the one before. All have the same variables, in the same order. */
export interface LaterGraph {
  /** The first step, from 0, that it makes. */
  readonly from: number;
  readonly graph: TrainingGraph;
  /** Variables that become something else before that step. */
  enter(values: NamedValues): NamedValues;
}

/** Runs steps, each by the graph whose turn it is, and holds what goes from step to step. */
export class StagedSteps {
  graph: TrainingGraph;
  state: TrainingState;
  private session: Session | null = null;
  private waiting: readonly LaterGraph[];

  constructor(
    first: TrainingGraph,
    later: readonly LaterGraph[],
    private readonly options: SessionOptions,
    private readonly context: JobContext,
  ) {
    this.graph = first;
    this.state = new TrainingState(first);
    this.waiting = later;
  }

  /** Goes on from vectors that were kept after `step` steps. @returns false where they are of other graphs */
  restore(step: number, vectors: ReadonlyMap<string, Float32Array>): boolean {
    const last = this.waiting.filter(({ from }) => from < step).at(-1);
    const state = last ? new TrainingState(last.graph) : this.state;
    if (!state.restore(vectors)) return false;
    this.graph = last?.graph ?? this.graph;
    this.state = state;
    this.waiting = this.waiting.filter(({ from }) => from >= step);
    return true;
  }

  /** Makes ready for the step, from 0: another graph may take over. */
  async prepare(step: number): Promise<void> {
    for (let [next] = this.waiting; next && next.from <= step; [next] = this.waiting) {
      await this.close();
      this.waiting = this.waiting.slice(1);
      const changes = next.enter(this.state.values());
      this.state = this.state.movedTo(next.graph);
      this.state.change(changes);
      this.graph = next.graph;
    }
    this.session ??= await openSession(await encodeOnnx(this.graph.model, this.context), this.options);
  }

  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    return this.session?.run(feeds) ?? Promise.resolve({});
  }

  async close(): Promise<void> {
    await this.session?.close();
    this.session = null;
  }
}
