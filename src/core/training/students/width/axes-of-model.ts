import { indexGraph, subgraphsOf, valuesReadBy } from '../../../analysis/graph-order';
import { Inference } from '../../../analysis/shapes/inference';
import type { Model, Node } from '../../../model/model';
import { axisOf, fixAxis, type Axis } from './axis';
import type { AxisCall } from './rule';
import { AXIS_RULES, fixed } from './rules';

/** Stand for lengths that a model leaves open: large primes, which no layer's width is made of. */
const OPEN_LENGTHS = [7919, 7927, 7933, 7937, 7949, 7951, 7963, 7993, 8009, 8011];

export interface ModelAxes {
  /** Axes of every value and weight that a rule met. */
  readonly axes: ReadonlyMap<string, readonly Axis[]>;
  readonly shapes: (name: string) => readonly number[] | null;
  /** Values that are the same for every input: numbers computed from shapes. */
  readonly numbers: (name: string) => readonly number[] | null;
  /** Axes of a value whose lengths the model leaves open. */
  readonly open: (name: string) => readonly boolean[];
}

/** Finds which channels of a model have to stay or go together. Inputs and outputs stay whole. */
export function axesOfModel(model: Model): ModelAxes {
  const { graph } = model;
  const inference = new Inference(model, openLengths(model));
  const symbolic = new Inference(model, {});
  const shapeOf = (name: string): readonly number[] | null => {
    const shape = inference.factsOf(graph, name).shape?.flatMap((size) => (typeof size === 'number' ? [size] : []));
    return shape?.length === inference.factsOf(graph, name).shape?.length ? (shape ?? null) : null;
  };
  const numbers = (name: string): readonly number[] | null => {
    const value = symbolic.factsOf(graph, name).value;
    const known = value?.flatMap((number) => (typeof number === 'number' ? [number] : []));
    return known && known.length === value?.length ? known : null;
  };
  const axes = new Map<string, readonly Axis[]>();
  const axesOf = (name: string): readonly Axis[] => {
    const known = axes.get(name);
    if (known) return known;
    const weight = graph.weights.get(name);
    const made = (shapeOf(name) ?? []).map((size) => axisOf(size, weight?.dtype !== 'float32'));
    axes.set(name, made);
    return made;
  };
  for (const node of indexGraph(graph).order) {
    const call = callOf(node, model, axesOf, shapeOf, numbers);
    const known = node.domain === '' && node.outputs.concat(node.inputs).every((name) => name === '' || shapeOf(name));
    const rule = known && subgraphsOf(node).length === 0 ? (AXIS_RULES.get(node.opType) ?? fixed) : fixed;
    const outputs = rule(call);
    node.outputs.forEach((name, index) => {
      if (name !== '') axes.set(name, outputs[index] ?? call.outputShape(index).map((size) => axisOf(size, true)));
    });
    if (rule === fixed) for (const name of valuesReadBy(node)) axesOf(name).forEach(fixAxis);
  }
  for (const { name } of graph.outputs) axesOf(name).forEach(fixAxis);
  const open = (name: string): readonly boolean[] =>
    symbolic.factsOf(graph, name).shape?.map((size) => typeof size !== 'number') ?? [];
  return { axes, shapes: shapeOf, numbers, open };
}

function callOf(
  node: Node,
  model: Model,
  axesOf: (name: string) => readonly Axis[],
  shapeOf: (name: string) => readonly number[] | null,
  numbers: (name: string) => readonly number[] | null,
): AxisCall {
  const input = (index: number): string => node.inputs[index] ?? '';
  return {
    node,
    opset: model.opsets.get('') ?? 13,
    input: (index) => (input(index) === '' ? [] : axesOf(input(index))),
    inputShape: (index) => shapeOf(input(index)) ?? [],
    outputShape: (index) => shapeOf(node.outputs[index] ?? '') ?? [],
    numbers: (index) => numbers(input(index)),
  };
}

function openLengths({ graph }: Model): Record<string, number> {
  const dims: Record<string, number> = {};
  let next = 0;
  for (const { name, type } of graph.inputs)
    for (const [axis, length] of type.shape?.entries() ?? []) {
      const symbol = length === null ? `${name}[${axis}]` : typeof length === 'string' ? length : null;
      if (symbol === null || Object.hasOwn(dims, symbol)) continue;
      dims[symbol] = OPEN_LENGTHS[next++ % OPEN_LENGTHS.length] ?? 1;
    }
  return dims;
}
