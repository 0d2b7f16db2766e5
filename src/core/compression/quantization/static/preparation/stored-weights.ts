import { indexGraph, type GraphIndex } from '../../../../analysis/graph-order';
import { WeightResolver, type LogicalWeight } from '../../../../analysis/logical-weights';
import { functionTable } from '../../../../analysis/unpacking/term';
import type { WeightReader } from '../../../../formats/weight-reader';
import type { Kernels } from '../../../../kernels';
import { elementsOf, type Model, type Node, type Weight } from '../../../../model/model';
import { float32Stream } from '../../../encodings/dense';
import { storedValues } from '../../../encodings/stored';
import { tidy } from '../../../graph/tidy';
import { ruleOf } from '../operators';

/** Inputs of a layer that may be weights: the first is its activation. */
const FIRST_WEIGHT = 1;

const FLOAT32_BYTES = 4;

/**
 * Weights and biases that layers read through casts or from codes, as float32 initializers under the name of the value
 * that the layer reads, in memory. What unpacked them goes where nothing else reads it. Weights whose storage has no values here stay as they are.
 */
export async function widenWeights(model: Model, reader: WeightReader, kernels: Kernels): Promise<Model> {
  const index = indexGraph(model.graph);
  const resolver = new WeightResolver(index, null, functionTable(model.functions));
  const weights = new Map(model.graph.weights);
  const widened = new Set<string>();
  const helpers = new Set<Node>();
  for (const node of index.order) {
    if (ruleOf(node)?.role !== 'weighted') continue;
    for (const name of node.inputs.slice(FIRST_WEIGHT)) {
      if (name === '' || weights.has(name) || widened.has(name) || index.outputNames.has(name)) continue;
      const found = resolver.weightOf(name);
      const weight = found === null ? null : await widenedWeight(name, found, reader, kernels);
      if (found === null || weight === null) continue;
      weights.set(name, weight);
      widened.add(name);
      found.unpackedBy.forEach((helper) => helpers.add(helper));
    }
  }
  if (widened.size === 0) return model;
  const nodes = withoutUnread(index, helpers, widened);
  return { ...model, graph: tidy({ ...model.graph, nodes, weights }) };
}

async function widenedWeight(
  name: string,
  found: LogicalWeight,
  reader: WeightReader,
  kernels: Kernels,
): Promise<Weight | null> {
  const { shape, axes, seenShape, dtype } = found;
  const asStored = axes.length === shape.length && axes.every((axis, at) => axis === at && seenShape[at] === shape[at]);
  const values = asStored && dtype === 'float32' ? storedValues(kernels, reader, found) : null;
  if (values === null) return null;
  const elements = elementsOf(shape);
  const bytes = new Uint8Array(elements * FLOAT32_BYTES);
  let done = 0;
  for await (const chunk of float32Stream(kernels, elements, () => values).chunks()) {
    bytes.set(chunk, done);
    done += chunk.byteLength;
  }
  return { name, dtype, shape, data: { kind: 'bytes', bytes } };
}

/** The nodes without helpers whose outputs are initializers now, or are read by such helpers only. */
function withoutUnread(index: GraphIndex, helpers: ReadonlySet<Node>, widened: ReadonlySet<string>): Node[] {
  const gone = new Set<Node>();
  const isUnread = (name: string): boolean =>
    widened.has(name) ||
    (!index.outputNames.has(name) && (index.consumers.get(name) ?? []).every((reader) => gone.has(reader)));
  for (const node of [...index.order].reverse()) {
    if (helpers.has(node) && node.outputs.every(isUnread)) gone.add(node);
  }
  return index.graph.nodes.filter((node) => !gone.has(node));
}
