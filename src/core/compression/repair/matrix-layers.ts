import { indexGraph } from '../../analysis/graph-order';
import { layersOf, type Layer, type LayerWeight } from '../../analysis/layers';
import { elementsOf, type Model, type Node, type Weight } from '../../model/model';
import { floatAttribute, intAttribute } from '../graph/attributes';

/**
 * A weight as matrices, one for each group of a convolution: `y = W x`, where a column of `x` is what one output sees.
 * Row `r` of group `g`, column `c`, lies at `(g * rows + r) * rowStride + c * columnStride`.
 */
export interface MatrixShape {
  readonly groups: number;
  /** Outputs of one group. */
  readonly rows: number;
  /** Inputs of one output: channels of its group times the positions of the kernel. */
  readonly columns: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A layer that multiplies by a weight of its own: `Conv`, `Gemm`, `MatMul`. */
export interface MatrixLayer {
  /** What the layer is called in views and recipes. */
  readonly name: string;
  readonly node: Node;
  readonly weight: Weight;
  readonly matrix: MatrixShape;
  /** Null where there is none, or where others share it. */
  readonly bias: Weight | null;
  /** True for a bias that `bias` does not give: it must stay as it is. */
  readonly sharesBias: boolean;
  /** The value that it multiplies. */
  readonly input: string;
  /** The value that leaves it, bias added. */
  readonly output: string;
}

/**
 * The layers of a model's own graph that multiply by a float32 initializer which no other node reads, in the order in
 * which they run.
 */
export function matrixLayers(model: Model): MatrixLayer[] {
  return layersOf(model).flatMap((layer) => matrixLayer(layer, model) ?? []);
}

function matrixLayer(layer: Layer, model: Model): MatrixLayer | null {
  const { node } = layer;
  const weight = layer.within === null ? own(model, node.inputs[1]) : null;
  const input = node.inputs[0] ?? '';
  if (weight === null || input === '') return null;
  const matrix = matrixShape(node, weight.shape);
  if (matrix === null) return null;
  const stated = layer.weights.find(({ role }) => role === 'bias');
  const bias = stated === undefined ? null : vectorBias(stated, model, matrix);
  const sharesBias = bias === null && (stated !== undefined || (node.inputs[2] ?? '') !== '');
  return { name: layer.name, node, weight, matrix, bias, sharesBias, input, output: layer.output };
}

/** A float32 initializer that one node reads. */
function own(model: Model, name: string | undefined): Weight | null {
  const weight = model.graph.weights.get(name ?? '');
  const index = indexGraph(model.graph);
  const readers = index.consumers.get(name ?? '')?.length;
  return weight?.dtype === 'float32' && readers === 1 && !index.outputNames.has(weight.name) ? weight : null;
}

function vectorBias(bias: LayerWeight, model: Model, matrix: MatrixShape): Weight | null {
  const weight = own(model, bias.name);
  return weight !== null && elementsOf(weight.shape) === matrix.groups * matrix.rows ? weight : null;
}

/** Null for operators and shapes that are no product with one matrix a group. */
function matrixShape(node: Node, shape: readonly number[]): MatrixShape | null {
  const [first = 0, second = 0] = shape;
  if (node.domain !== '' || elementsOf(shape) === 0) return null;
  switch (node.opType) {
    case 'Conv': {
      const groups = intAttribute(node, 'group', 1);
      if (shape.length < 3 || groups < 1 || first % groups !== 0) return null;
      const columns = elementsOf(shape) / first;
      return { groups, rows: first / groups, columns, rowStride: columns, columnStride: 1 };
    }
    case 'Gemm': {
      if (shape.length !== 2 || floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1) {
        return null;
      }
      if (intAttribute(node, 'transA', 0) !== 0) return null;
      return intAttribute(node, 'transB', 0) === 0 ? columnMajor(first, second) : rowMajor(first, second);
    }
    case 'MatMul':
      return shape.length === 2 ? columnMajor(first, second) : null;
    default:
      return null;
  }
}

function rowMajor(rows: number, columns: number): MatrixShape {
  return { groups: 1, rows, columns, rowStride: columns, columnStride: 1 };
}

function columnMajor(columns: number, rows: number): MatrixShape {
  return { groups: 1, rows, columns, rowStride: 1, columnStride: rows };
}

/** Outputs of all groups. */
export function outputsOf(matrix: MatrixShape): number {
  return matrix.groups * matrix.rows;
}
