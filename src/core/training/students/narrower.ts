import { intAttribute, withAttributes } from '../../compression/graph/attributes';
import { readFloats } from '../../compression/graph/float-weights';
import { FreshNames } from '../../compression/graph/fresh-names';
import { float32Weight, int64Weight, newWeight } from '../../compression/graph/new-weights';
import { indexGraph } from '../../analysis/graph-order';
import { inferShapes } from '../../analysis/shapes';
import { EdgewiseError } from '../../errors';
import { openWeights } from '../../formats/weight-reader';
import { elementsOf, type Model, type Node, type Weight } from '../../model/model';
import { withGraph } from './live-nodes';
import { axesOfModel, type ModelAxes } from './width/axes-of-model';
import { fixAxis, type Axis } from './width/axis';
import { keptPositions, narrowable, type KeptChannels } from './width/kept-channels';
import { strongest } from './width/strength';

/**
 * A network of narrower layers, which begin with the strongest channels of the model's. Channels that a residual sum, a
 * depthwise convolution, a normalization or a concatenation joins go together; of attention whole heads go where the
 * share allows it. Inputs and outputs keep their shapes.
 * @param width share of the channels that stay, above 0 up to 1
 * @throws EdgewiseError `unsupported` where no layer can be made narrower
 */
export async function narrower(model: Model, width: number, file: string): Promise<Model> {
  if (width === 1) return model;
  const found = axesOfModel(model);
  for (const node of model.graph.nodes) fixWhatCannotBeWritten(node, found);
  const wanted = narrowable(found.axes.values(), width);
  const reader = await openWeights(model);
  try {
    const kept = await strongest(model, found.axes, wanted, width, reader);
    if ([...kept].every(([{ size }, { length }]) => length === size))
      throw new EdgewiseError(
        'unsupported',
        `No layer of ${file} can be made narrower by ${width}. Use a smaller width, or make it shallower or of lower rank.`,
      );
    const weights = new Map(model.graph.weights);
    for (const [name, axes] of found.axes) {
      const weight = weights.get(name);
      if (weight?.dtype !== 'float32') continue;
      const positions = axes.map((axis) => keptPositions(axis, kept));
      if (positions.every(({ length }, axis) => length === weight.shape[axis])) continue;
      weights.set(name, selected(weight, await readFloats(reader, weight), positions));
    }
    return withGraph(model, { nodes: rewritten(model, found, kept, weights), weights });
  } finally {
    await reader.close();
  }
}

/** A shape with two open lengths cannot be written as numbers: what it is about stays. */
function fixWhatCannotBeWritten(node: Node, { axes, open }: ModelAxes): void {
  const [output = ''] = node.outputs;
  if (node.opType !== 'Reshape' || open(output).filter(Boolean).length < 2) return;
  for (const name of [node.inputs[0] ?? '', output]) axes.get(name)?.forEach(fixAxis);
}

function selected(weight: Weight, values: Float32Array, positions: readonly Int32Array[]): Weight {
  const shape = positions.map(({ length }) => length);
  const result = new Float32Array(elementsOf(shape));
  const strides = weight.shape.map((_, axis) => elementsOf(weight.shape.slice(axis + 1)));
  const place = new Int32Array(shape.length);
  for (let at = 0; at < result.length; at++) {
    let [rest, from] = [at, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] ?? 1;
      place[axis] = rest % size;
      rest = Math.floor(rest / size);
      from += (positions[axis]?.[place[axis] ?? 0] ?? 0) * (strides[axis] ?? 1);
    }
    result[at] = values[from] ?? 0;
  }
  return { ...weight, ...float32Weight(weight.name, shape, result) };
}

/** Nodes whose attributes and shapes say the new lengths. */
function rewritten(model: Model, found: ModelAxes, kept: KeptChannels, weights: Map<string, Weight>): Node[] {
  const names = new FreshNames(model.graph);
  const integers = (values: readonly number[]): string => {
    const weight = int64Weight(names.numbered('ew:s'), values);
    weights.set(weight.name, weight);
    return weight.name;
  };
  const lengths = (axes: readonly Axis[] | undefined): number[] =>
    axes?.map((axis) => keptPositions(axis, kept).length) ?? [];
  const changes = (name: string): boolean =>
    lengths(found.axes.get(name)).some((length, axis) => length !== found.shapes(name)?.[axis]);
  const numbers = frozenNumbers(model, found, weights, names);
  return model.graph.nodes.map((node) => {
    const inputs = node.inputs.map((name) => (changes(name) ? name : (numbers(name) ?? name)));
    const [first = '', second = ''] = inputs;
    const [output = ''] = node.outputs;
    if (node.opType === 'Conv' && intAttribute(node, 'group', 1) > 1) {
      const [group = 1] = lengths(found.axes.get(second));
      return changes(second) ? withAttributes({ ...node, inputs }, { group: { kind: 'int', value: group } }) : node;
    }
    if (node.opType === 'Reshape' && changes(output)) {
      const open = found.open(output);
      const shape = lengths(found.axes.get(output)).map((length, axis) => (open[axis] ? -1 : length));
      return { ...withAttributes(node, { allowzero: undefined }), inputs: [first, integers(shape)] };
    }
    if (node.opType === 'Split' && node.outputs.some(changes)) {
      const along = intAttribute(node, 'axis', 0);
      const sizes = node.outputs.map((name) => lengths(found.axes.get(name)).at(along) ?? 1);
      return { ...withAttributes(node, { num_outputs: undefined }), inputs: [first, integers(sizes)] };
    }
    return { ...node, inputs };
  });
}

/**
 * Numbers that are computed from shapes (the root of a head's width) stay what they were, since shapes change. Only what
 * is read by other operators than those that compute shapes is written as a constant.
 */
function frozenNumbers(
  model: Model,
  { numbers }: ModelAxes,
  weights: Map<string, Weight>,
  names: FreshNames,
): (name: string) => string | null {
  const { producer } = indexGraph(model.graph);
  const types = inferShapes(model);
  const frozen = new Map<string, string>();
  return (name) => {
    const known = frozen.get(name);
    if (known !== undefined) return known;
    const maker = producer.get(name);
    const values = maker && maker.opType !== 'Constant' && maker.opType !== 'Shape' ? numbers(name) : null;
    const type = types.get(name);
    const shape = type?.shape?.flatMap((size) => (typeof size === 'number' ? [size] : []));
    if (!values || !shape || shape.length !== type?.shape?.length) return null;
    const weight = constantOf(names.like(`${name}.value`), type.dtype, shape, values);
    if (!weight) return null;
    weights.set(weight.name, weight);
    frozen.set(name, weight.name);
    return weight.name;
  };
}

function constantOf(
  name: string,
  dtype: string | null,
  shape: readonly number[],
  values: readonly number[],
): Weight | null {
  switch (dtype) {
    case 'int64':
      return newWeight(name, dtype, shape, BigInt64Array.from(values, BigInt));
    case 'int32':
      return newWeight(name, dtype, shape, Int32Array.from(values));
    case 'float32':
      return newWeight(name, dtype, shape, Float32Array.from(values));
    default:
      return null;
  }
}
