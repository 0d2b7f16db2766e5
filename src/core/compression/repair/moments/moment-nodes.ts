import type { Attribute } from '../../../model/model';
import { intsAttribute, stringAttribute, withAttributes } from '../../graph/attributes';
import { float32Weight } from '../../graph/new-weights';
import type { MatrixLayer } from '../matrix-layers';
import { asOutput, constant, put, reduced, type GrowingGraph } from './growing-graph';

const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });

/** The columns that a layer multiplies: `[groups, count, columns]`, and transposed `[groups, columns, count]`. */
export interface Columns {
  readonly plain: string;
  readonly transposed: string;
}

/**
 * The columns of the value that feeds a layer. Of a convolution they are made by a convolution with the unit vectors
 * (im2col), which has the layer's own strides, pads and dilations; `thin` takes only each so many positions an axis.
 */
export function columnsOf(graph: GrowingGraph, layer: MatrixLayer, value: string, thin: number): Columns {
  const { groups, columns } = layer.matrix;
  if (layer.node.opType !== 'Conv') {
    const plain = put(graph, 'Reshape', [value, constant(graph, [1, -1, columns])]);
    return { plain, transposed: put(graph, 'Transpose', [plain], { perm: ints(0, 2, 1) }) };
  }
  const picked = put(
    graph,
    'Conv',
    [value, unitKernels(graph, layer)],
    Object.fromEntries(unitAttributes(layer, thin)),
  );
  const split = put(graph, 'Reshape', [picked, constant(graph, [0, groups, columns, -1])]);
  const moved = put(graph, 'Transpose', [split], { perm: ints(1, 2, 0, 3) });
  const transposed = put(graph, 'Reshape', [moved, constant(graph, [groups, columns, -1])]);
  return { plain: put(graph, 'Transpose', [transposed], { perm: ints(0, 2, 1) }), transposed };
}

/** One filter for each column, with a single one in it. */
function unitKernels(graph: GrowingGraph, { weight, matrix }: MatrixLayer): string {
  const { groups, columns } = matrix;
  const numbers = new Float32Array(groups * columns * columns);
  for (let row = 0; row < groups * columns; row++) numbers[row * columns + (row % columns)] = 1;
  const name = graph.names.numbered('m');
  graph.weights.set(name, float32Weight(name, [groups * columns, ...weight.shape.slice(1)], numbers));
  return name;
}

function unitAttributes({ node, weight }: MatrixLayer, thin: number): ReadonlyMap<string, Attribute> {
  const axes = weight.shape.length - 2;
  const strides = intsAttribute(node, 'strides') ?? new Array<number>(axes).fill(1);
  return withAttributes(node, { strides: ints(...strides.map((stride) => stride * thin)) }).attributes;
}

/** Whether positions of a convolution can be left out by larger strides: not where pads follow from the strides. */
export function canThin({ node }: MatrixLayer): boolean {
  return node.opType === 'Conv' && !stringAttribute(node, 'auto_pad', 'NOTSET').startsWith('SAME');
}

/** Sums `left right^T` over the columns, `[groups, columns, columns]`, as an output; gives its name. */
export function sumOfProducts(graph: GrowingGraph, left: Columns, right: Columns): string {
  return asOutput(graph, put(graph, 'MatMul', [left.transposed, right.plain]));
}

/** Sums the columns, `[groups, columns]`, as an output; gives its name. */
export function sumOfColumns(graph: GrowingGraph, columns: Columns): string {
  return asOutput(graph, reduced(graph, 'ReduceSum', columns.transposed, [2]));
}

/** The number of columns, as an output; gives its name. */
export function countOfColumns(graph: GrowingGraph, columns: Columns): string {
  const shape = put(graph, 'Shape', [columns.plain]);
  const output = put(graph, 'Gather', [shape, constant(graph, [1])]);
  graph.outputs.push({ name: output, type: { dtype: 'int64', shape: [1] } });
  return output;
}
