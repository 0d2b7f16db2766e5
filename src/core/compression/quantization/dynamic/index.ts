import { indexGraph, type GraphIndex } from '../../../analysis/graph-order';
import { layersOf } from '../../../analysis/layers';
import { EdgewiseError } from '../../../errors';
import { quoted } from '../../../formats/file-errors';
import { openWeights, type WeightReader } from '../../../formats/weight-reader';
import type { Model, Node, Weight } from '../../../model/model';
import { intAttribute } from '../../graph/attributes';
import { readFloats } from '../../graph/float-weights';
import { FreshNames } from '../../graph/fresh-names';
import { tidy } from '../../graph/tidy';
import { isPlainGemm } from '../../folding/output-channels';
import { prepare } from '../static/preparation';
import { DynamicProducts, type ProductOptions } from './products';

export interface DynamicOptions extends ProductOptions {
  /** Names of layers that stay float. */
  readonly keep: readonly string[];
  /** Quantizes the products of a convolutional model all the same. */
  readonly force?: boolean;
}

/** So many products for each convolution make a transformer: it has one convolution, for its patches, and many layers. */
const PRODUCTS_A_CONVOLUTION = 4;

/**
 * Dynamic int8 for transformers: products of matrices round their input to uint8 with the range that it has at that
 * run, so no calibration is needed. `DynamicQuantizeLinear`, `MatMulInteger` and a multiplication, which ONNX Runtime
 * fuses into `DynamicQuantizeMatMul`. Convolutions stay float: `ConvInteger` is ten times slower than `Conv`.
 * @throws EdgewiseError `unsupported` for convolutional models unless forced, and for models without such products.
 */
export async function quantizeDynamic(
  model: Model,
  options: DynamicOptions,
): Promise<{ readonly model: Model; readonly reference: Model }> {
  const reader = await openWeights(model);
  try {
    const reference = await prepare(model, reader);
    const index = indexGraph(reference.graph);
    const products = productsOf(reference, index, new Set(options.keep));
    refuse(model, reference, products.size, options.force ?? false);
    return { model: await rewritten(reference, index, products, reader, options), reference };
  } finally {
    await reader.close();
  }
}

/** Nodes of the main graph that multiply by a constant float32 matrix, and that matrix. */
function productsOf(model: Model, index: GraphIndex, keep: ReadonlySet<string>): Map<Node, Weight> {
  const found = new Map<Node, Weight>();
  for (const { node, name, within } of layersOf(model)) {
    const weight = index.graph.weights.get(node.inputs[1] ?? '');
    if (within !== null || keep.has(name) || weight?.dtype !== 'float32' || weight.shape.length !== 2) continue;
    if (node.domain === '' && (node.opType === 'MatMul' || isProduct(node))) found.set(node, weight);
  }
  return found;
}

function isProduct(node: Node): boolean {
  return node.opType === 'Gemm' && isPlainGemm(node) && intAttribute(node, 'transA', 0) === 0;
}

function refuse({ files }: Model, { graph }: Model, products: number, force: boolean): void {
  const file = files[0]?.path;
  const name = file === undefined ? 'The model' : quoted(file);
  const about = file === undefined ? {} : { file };
  if (products === 0) {
    throw new EdgewiseError(
      'unsupported',
      `${name} has no MatMul or Gemm with constant float32 weights, so dynamic int8 has nothing to do. Try int8 weights instead.`,
      about,
    );
  }
  const convolutions = graph.nodes.filter(({ opType }) => opType === 'Conv').length;
  if (!force && convolutions * PRODUCTS_A_CONVOLUTION > products) {
    throw new EdgewiseError(
      'unsupported',
      `${name} is mostly convolutions, which dynamic int8 makes about ten times slower. Use static int8 with calibration data, or int8 weights without.`,
      about,
    );
  }
}

async function rewritten(
  model: Model,
  { graph }: GraphIndex,
  products: ReadonlyMap<Node, Weight>,
  reader: WeightReader,
  options: DynamicOptions,
): Promise<Model> {
  const weights = new Map(graph.weights);
  const writer = new DynamicProducts(new FreshNames(graph), weights, options);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const weight = products.get(node);
    if (weight === undefined) nodes.push(node);
    else nodes.push(...(await writer.nodesFor(node, weight, await readFloats(reader, weight))));
  }
  return { ...model, graph: tidy({ ...graph, nodes, weights }) };
}
