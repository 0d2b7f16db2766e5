import { EdgewiseError } from '../../errors';
import { randomNumbers } from '../../evaluation/data/split';
import { elementsOf } from '../../model/model';
import type { Tensor } from '../../runtime/tensor';
import { seedOf } from '../batches/order';
import type { TrainingGraph } from '../training-graph';
import { averageOf } from '../write-updates';

/** Keeps the streams of masks apart from those of batches. */
const MASKS = 7;

export interface StepSettings {
  readonly rate: number;
  readonly update: number;
  readonly apply: boolean;
  readonly seed: number;
}

/** The vectors of a training graph between two steps. */
export class TrainingState {
  private vectors: ReadonlyMap<string, Float32Array>;

  constructor(private readonly graph: TrainingGraph) {
    this.vectors = new Map(graph.vectors.map(({ input, start }) => [input, start]));
  }

  /** What the graph is fed beside the batch. @param step from 0 @param update steps that move weights, with this one */
  feeds(step: number, { rate, update, apply, seed }: StepSettings): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {
      [this.graph.rate]: scalar(rate),
      [this.graph.step]: scalar(update),
    };
    if (this.graph.apply !== null)
      feeds[this.graph.apply] = { dtype: 'bool', shape: [], data: Uint8Array.of(apply ? 1 : 0) };
    for (const [name, data] of this.vectors) feeds[name] = { dtype: 'float32', shape: [data.length], data };
    this.graph.random.forEach(({ name, shape }, index) => {
      const random = randomNumbers(seedOf(seed, step, MASKS, index));
      feeds[name] = { dtype: 'float32', shape, data: Float32Array.from({ length: elementsOf(shape) }, random) };
    });
    return feeds;
  }

  /** Takes what a step gave. */
  advance(answers: Readonly<Record<string, Tensor>>): void {
    this.vectors = new Map(
      this.graph.vectors.map(({ input, output }) => {
        const data = answers[output]?.data;
        if (data instanceof Float32Array) return [input, data];
        throw new EdgewiseError('internal', `A step gave nothing for ${input}.`);
      }),
    );
  }

  /** The variables now; where a running mean of the weights is kept, that. */
  values(): Map<string, Float32Array> {
    const values = new Map<string, Float32Array>();
    for (const { input, values: named } of this.graph.vectors) {
      const vector = this.vectors.get(averageOf(input)) ?? this.vectors.get(input);
      if (vector && named) for (const [name, value] of named(vector)) values.set(name, value);
    }
    return values;
  }

  /** Puts other values in place of variables, in their running means as well. */
  change(changes: ReadonlyMap<string, Float32Array>): void {
    const changed = new Map(this.vectors);
    for (const { input, values: named } of this.graph.vectors)
      for (const name of [input, averageOf(input)]) {
        const vector = named && changed.get(name)?.slice();
        if (!vector) continue;
        for (const [variable, value] of named(vector)) value.set(changes.get(variable) ?? value);
        changed.set(name, vector);
      }
    this.vectors = changed;
  }

  /** The same numbers for another graph with the same variables. */
  movedTo(graph: TrainingGraph): TrainingState {
    const moved = new TrainingState(graph);
    const own = this.graph.vectors.map(({ input }) => this.vectors.get(input));
    moved.vectors = new Map(graph.vectors.map(({ input, start }, index) => [input, own[index] ?? start]));
    return moved;
  }

  /** Vectors by name, for a checkpoint. */
  save(): ReadonlyMap<string, Float32Array> {
    return this.vectors;
  }

  /** Takes vectors of a checkpoint. @returns false, and takes none, when they are of another graph */
  restore(saved: ReadonlyMap<string, Float32Array>): boolean {
    const isSame = this.graph.vectors.every(({ input, start }) => saved.get(input)?.length === start.length);
    if (isSame) this.vectors = saved;
    return isSame;
  }
}

const scalar = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
