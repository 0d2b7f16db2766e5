import { FreshNames } from '../../compression/graph/fresh-names';
import {
  asOutput,
  constant,
  observeSamples,
  put,
  reduced,
  type GrowingGraph,
} from '../../compression/repair/moments/growing-graph';
import type { DataSet } from '../../evaluation/data';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { Tensor } from '../../runtime/tensor';

/** Mean and variance (of the population) of each channel. */
export interface ChannelMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** A value whose channels lie along its second axis. */
export interface ObservedValue {
  readonly name: string;
  /** Dimensions, the batch's among them. */
  readonly rank: number;
  readonly channels: number;
}

export interface StatisticsContext {
  readonly data: DataSet;
  readonly file: string;
  readonly job: JobContext;
}

/** Samples a run: values are reduced inside the session. */
const MOST_IN_RUN = 32;

/**
 * Statistics of values over all samples of a set. Sums are taken inside the session, about the mean of each run, and
 * runs are put together in float64 by the formula of Chan, Golub and LeVeque (1979).
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function outputStatistics(
  model: Model,
  values: readonly ObservedValue[],
  { data, file, job }: StatisticsContext,
): Promise<ReadonlyMap<string, ChannelMoments>> {
  const graph: GrowingGraph = {
    opset: model.opsets.get('') ?? 1,
    names: new FreshNames(model.graph),
    nodes: [...model.graph.nodes],
    weights: new Map(model.graph.weights),
    outputs: [],
  };
  const sums = values.map((value) => new RunningMoments(value, sumsOf(graph, value)));
  const context = {
    ...{ job, calibration: data, samples: data.length, quantizesActivations: false, file },
    warn: () => undefined,
  };
  await observeSamples(model, graph, context, MOST_IN_RUN, (outputs) => {
    for (const each of sums) each.take(outputs);
  });
  return new Map(sums.map((each) => [each.value.name, each.moments]));
}

/** Names of outputs: a channel's sum and the squares of its deviations, and the value's number of elements. */
interface Sums {
  readonly sum: string;
  readonly squares: string;
  readonly elements: string;
}

function sumsOf(graph: GrowingGraph, { name, rank, channels }: ObservedValue): Sums {
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const elements = put(graph, 'Reshape', [put(graph, 'Size', [name]), constant(graph, [1])]);
  const sum = reduced(graph, 'ReduceSum', name, axes);
  const count = put(graph, 'Cast', [put(graph, 'Div', [elements, constant(graph, [channels])])], {
    to: { kind: 'int', value: FLOAT },
  });
  const shape = constant(
    graph,
    Array.from({ length: rank }, (_, axis) => (axis === 1 ? channels : 1)),
  );
  const mean = put(graph, 'Reshape', [put(graph, 'Div', [sum, count]), shape]);
  const deviations = put(graph, 'Sub', [name, mean]);
  const squares = reduced(graph, 'ReduceSum', put(graph, 'Mul', [deviations, deviations]), axes);
  graph.outputs.push({ name: elements, type: { dtype: 'int64', shape: [1] } });
  return { sum: asOutput(graph, sum), squares: asOutput(graph, squares), elements };
}

/** ONNX's number for float32. */
const FLOAT = 1;

class RunningMoments {
  private readonly mean: Float64Array;
  private readonly squares: Float64Array;
  private count = 0;

  constructor(
    readonly value: ObservedValue,
    private readonly names: Sums,
  ) {
    this.mean = new Float64Array(value.channels);
    this.squares = new Float64Array(value.channels);
  }

  take(outputs: Readonly<Record<string, Tensor>>): void {
    const { sum, squares, elements } = this.names;
    const count = Number(outputs[elements]?.data[0] ?? 0) / this.value.channels;
    if (count === 0) return;
    const all = this.count + count;
    for (let channel = 0; channel < this.mean.length; channel++) {
      const distance = Number(outputs[sum]?.data[channel] ?? 0) / count - (this.mean[channel] ?? 0);
      this.mean[channel] = (this.mean[channel] ?? 0) + (distance * count) / all;
      const own = Number(outputs[squares]?.data[channel] ?? 0);
      this.squares[channel] = (this.squares[channel] ?? 0) + own + (distance ** 2 * this.count * count) / all;
    }
    this.count = all;
  }

  get moments(): ChannelMoments {
    const count = Math.max(1, this.count);
    return { mean: this.mean, variance: this.squares.map((sum) => sum / count) };
  }
}
