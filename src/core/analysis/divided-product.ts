import { intAttribute } from '../compression/graph/attributes';
import type { Encoding } from '../model/encoding';
import type { Node } from '../model/model';
import type { CompositeLayer } from './composite-layers';
import type { GraphIndex } from './graph-order';
import type { LogicalWeight, WeightResolver } from './logical-weights';

/**
 * `Concat` of products of one left side by parts of one weight, as files hold those of more than 1 GiB. Null for every other node. Counterpart of `formats/onnx/store/large`.
 */
export function dividedProduct(last: Node, index: GraphIndex, resolver: WeightResolver): CompositeLayer | null {
  if (last.opType !== 'Concat' || last.domain !== '' || last.inputs.length < 2) return null;
  if (intAttribute(last, 'axis', 0) !== -1) return null;
  const products = last.inputs.map((value) => productOf(value, index));
  const [first] = products;
  if (!first || !products.every((product) => product !== null && isAlike(product, first))) return null;
  const rights = products.map((product) => product?.inputs[1] ?? '');
  // Exporters name every node; only the first of ours is.
  if (!products.every((product, part) => part === 0 || product?.name === '')) return null;
  const parts = rights.flatMap((right) => resolver.weightOf(right) ?? []);
  const seen = outputsIn(first, parts[0]?.seenShape.length ?? 0);
  const weight = parts.length === rights.length && seen !== null ? joined(parts, seen) : null;
  if (weight === null) return null;
  const split = index.producer.get(first.inputs[2] ?? '');
  const divided = split?.opType === 'Split' ? split : null;
  const bias = divided?.inputs[0] ?? first.inputs[2];
  const inputs = [first.inputs[0] ?? '', rights[0] ?? '', ...(bias === undefined ? [] : [bias])];
  const nodes = [...products.flatMap((product) => product ?? []), ...(divided === null ? [] : [divided]), last];
  return { node: { ...first, inputs, outputs: last.outputs }, weight, last, nodes };
}

/** The product that gives a value to one reader alone. */
function productOf(value: string, index: GraphIndex): Node | null {
  const node = index.producer.get(value);
  if (node?.domain !== '' || (node.opType !== 'MatMul' && node.opType !== 'Gemm')) return null;
  const isInner = index.consumers.get(value)?.length === 1 && !index.outputNames.has(value);
  return isInner ? node : null;
}

function isAlike(product: Node, first: Node): boolean {
  const { opType, inputs } = product;
  const transposed = (node: Node) => intAttribute(node, 'transB', 0);
  return opType === first.opType && inputs[0] === first.inputs[0] && transposed(product) === transposed(first);
}

/** The axis of its right side, as it sees it, that a product's outputs lie along. */
function outputsIn({ opType, attributes }: Node, rank: number): number | null {
  if (rank < 2) return null;
  const transposed = attributes.get('transB');
  return opType === 'Gemm' && transposed?.kind === 'int' && transposed.value !== 0 ? 0 : rank - 1;
}

/** One weight of its parts. Null where they do not go together, or are no more than plain tensors side by side. */
function joined(parts: readonly LogicalWeight[], seen: number): LogicalWeight | null {
  const [first] = parts;
  const axis = first?.axes[seen] ?? null;
  if (first === undefined || axis === null || first.unpackedBy.length === 0) return null;
  const others = (shape: readonly number[], at: number) =>
    shape.map((length, place) => (place === at ? 0 : length)).join();
  const fit = parts.every(
    (part) => others(part.shape, axis) === others(first.shape, axis) && part.encoding.kind === first.encoding.kind,
  );
  if (!fit) return null;
  const total = (shapeOf: (part: LogicalWeight) => readonly number[], at: number) =>
    shapeOf(first).map((length, place) =>
      place === at ? parts.reduce((sum, part) => sum + (shapeOf(part)[at] ?? 0), 0) : length,
    );
  const { unpacking: _, ...rest } = first;
  return {
    ...rest,
    shape: total(({ shape }) => shape, axis),
    seenShape: total(({ seenShape }) => seenShape, seen),
    encoding: joinedEncoding(parts, axis),
    parts: { axis, weights: parts },
  };
}

/** Palettes of all parts where groups lie along the axis that was cut; everything else is the same in each part. */
function joinedEncoding([first, ...others]: readonly LogicalWeight[], axis: number): Encoding {
  const encoding: Encoding = first?.encoding ?? { kind: 'dense', dtype: 'float32' };
  if (encoding.kind !== 'palette') return encoding;
  const groups = [encoding, ...others.map((part) => part.encoding)].map((one) =>
    one.kind === 'palette' ? one.groups : 1,
  );
  const isCut = groups.some((count) => count > 1) && (encoding.axis === null || encoding.axis === axis);
  return isCut ? { ...encoding, axis, groups: groups.reduce((sum, count) => sum + count, 0) } : encoding;
}
