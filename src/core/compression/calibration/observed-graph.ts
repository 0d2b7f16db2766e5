import type { Attribute, Graph, Model, Value } from '../../model/model';
import { FreshNames } from '../graph/fresh-names';
import { newNode } from '../graph/new-nodes';
import type { RangeMethod } from './methods/method';

/** Names of the outputs that tell of one value. */
export interface RangeOutputs {
  readonly min: string;
  readonly max: string;
  /** NaN where the value holds one: minimum and maximum do not tell reliably. */
  readonly sum: string;
}

export interface ObservedModel {
  readonly model: Model;
  /** By value; empty where the values themselves are outputs. */
  readonly ranges: ReadonlyMap<string, RangeOutputs>;
  /** The shape of the model's first output, by which a batch that was not taken as one shows; null without outputs. */
  readonly answerShape: string | null;
}

const SCALAR: Attribute = { kind: 'int', value: 0 };

/**
 * The model with what a method wants of each value as its only outputs. Extremes: smallest, largest and sum; activations
 * are reduced inside the session and freed as it goes, so that only a few numbers leave it, whatever the size of images
 * and batches. A histogram: the values themselves.
 */
export function observe(model: Model, values: readonly string[], { observes }: RangeMethod): ObservedModel {
  const { graph } = model;
  const names = new FreshNames(graph);
  const nodes = [...graph.nodes];
  const outputs: Value[] = [];
  const output = (prefix: string, dtype: 'float32' | 'int64', shape: (number | null)[]): string => {
    const name = names.numbered(prefix);
    outputs.push({ name, type: { dtype, shape } });
    return name;
  };
  const ranges = new Map<string, RangeOutputs>();
  for (const value of observes === 'extremes' ? values : []) {
    const observed = { min: '', max: '', sum: '' };
    for (const [key, opType] of REDUCTIONS) {
      observed[key] = output(key, 'float32', []);
      nodes.push(newNode(opType, [value], [observed[key]], { keepdims: SCALAR }));
    }
    ranges.set(value, observed);
  }
  if (observes === 'histogram')
    for (const name of values) outputs.push({ name, type: { dtype: 'float32', shape: null } });
  const answer = graph.outputs[0]?.name;
  const answerShape = answer === undefined ? null : output('shape', 'int64', [null]);
  if (answer !== undefined && answerShape !== null) nodes.push(newNode('Shape', [answer], [answerShape]));
  return { model: withOutputs(model, nodes, outputs), ranges, answerShape };
}

const REDUCTIONS: readonly (readonly ['min' | 'max' | 'sum', string])[] = [
  ['min', 'ReduceMin'],
  ['max', 'ReduceMax'],
  ['sum', 'ReduceSum'],
];

function withOutputs(model: Model, nodes: Graph['nodes'], outputs: readonly Value[]): Model {
  return { ...model, graph: { ...model.graph, nodes, outputs } };
}
