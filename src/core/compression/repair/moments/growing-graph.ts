import type { Attribute, Model, Node, Value, Weight } from '../../../model/model';
import { openSessionOf } from '../../../runtime/model-session';
import type { Tensor } from '../../../runtime/tensor';
import { runBatches } from '../../calibration/batches';
import type { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { int64Weight } from '../../graph/new-weights';
import type { RepairContext } from '../repair';

/** A graph that grows by what is to be observed in it. Its outputs are small: sums and extremes. */
export interface GrowingGraph {
  /** Of the standard operators. */
  readonly opset: number;
  readonly names: FreshNames;
  readonly nodes: Node[];
  readonly weights: Map<string, Weight>;
  readonly outputs: Value[];
}

/** Adds a node and gives its output. */
export function put(
  graph: GrowingGraph,
  opType: string,
  inputs: string[],
  attributes: Record<string, Attribute> = {},
): string {
  const output = graph.names.numbered('m');
  graph.nodes.push(newNode(opType, inputs, [output], attributes));
  return output;
}

export function constant(graph: GrowingGraph, numbers: readonly number[]): string {
  const weight = int64Weight(graph.names.numbered('m'), numbers);
  graph.weights.set(weight.name, weight);
  return weight.name;
}

/** Operator sets from which axes are an input. */
const AXES_AS_INPUT = { ReduceSum: 13, ReduceMax: 18 } as const;

/** Adds a reduction that drops its axes, in the form that the operator set has. */
export function reduced(
  graph: GrowingGraph,
  opType: keyof typeof AXES_AS_INPUT,
  value: string,
  axes: readonly number[],
): string {
  const keepdims: Attribute = { kind: 'int', value: 0 };
  if (graph.opset >= AXES_AS_INPUT[opType]) return put(graph, opType, [value, constant(graph, axes)], { keepdims });
  return put(graph, opType, [value], { axes: { kind: 'ints', value: axes }, keepdims });
}

/** Makes a float32 value an output; gives its name. */
export function asOutput(graph: GrowingGraph, name: string): string {
  graph.outputs.push({ name, type: { dtype: 'float32', shape: null } });
  return name;
}

/**
 * Runs the calibration samples through a grown graph; `take` gets the outputs of each run.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function observeSamples(
  model: Model,
  graph: GrowingGraph,
  context: RepairContext,
  mostInRun: number,
  take: (outputs: Readonly<Record<string, Tensor>>) => void,
): Promise<void> {
  const { calibration: data } = context;
  if (data === null) return;
  const { nodes, weights, outputs } = graph;
  const grown = { ...model, graph: { ...model.graph, nodes, weights, outputs, values: new Map() } };
  const { job, file, mostInMemory } = context;
  const large = mostInMemory === undefined ? {} : { mostInMemory };
  const session = await openSessionOf(grown, { name: file, context: job, ...large });
  try {
    await runBatches({
      session,
      data,
      from: 0,
      samples: context.samples,
      mostInRun,
      signal: context.job.signal,
      tookAll: () => true,
      take,
      after: () => Promise.resolve(),
    });
  } finally {
    await session.close();
  }
}
