import { intAttribute, intsAttribute } from '../../../../compression/graph/attributes';
import type { Node } from '../../../../model/model';
import type { GraphUses } from '../uses';

/** The products that read a weight on their right, itself or transposed; each can be made of products by parts of it. */
export interface ProductReaders {
  readonly kind: 'products';
  /** The weight's axis that the products' outputs lie along. */
  readonly axis: number;
  readonly products: readonly Node[];
  /** What transposes it for them. */
  readonly transposes: readonly Node[];
}

/** The lookups that read a weight's rows. */
export interface RowReaders {
  readonly kind: 'rows';
  readonly lookups: readonly Node[];
}

/** How all readers of a weight take it; a clause that says why not, where they do not agree on a way that is known. */
export function readersOf(uses: GraphUses, name: string, rank: number): ProductReaders | RowReaders | string {
  const { index } = uses;
  const readers = index.consumers.get(name) ?? [];
  if (index.outputNames.has(name)) return 'it is an output of the model as well';
  if (readers.length === 0) return 'nothing reads it';
  if (rank === 2 && readers.every((node) => looksUpRows(node, name))) return { kind: 'rows', lookups: readers };
  const products: Node[] = [];
  const transposes: Node[] = [];
  const axes = new Set<number | null>();
  for (const reader of readers) {
    if (!isTranspose(reader, rank)) {
      products.push(reader);
      axes.add(productAxis(reader, name, rank));
      continue;
    }
    const [turned = ''] = reader.outputs;
    const behind = index.consumers.get(turned) ?? [];
    transposes.push(reader);
    products.push(...behind);
    if (index.outputNames.has(turned) || behind.length === 0) axes.add(null);
    for (const product of behind) axes.add(turnedAxis(productAxis(product, turned, rank)));
  }
  const [axis = null, ...others] = axes;
  if (axis !== null && others.length === 0) return { kind: 'products', axis, products, transposes };
  return `${listed(readers)} ${readers.length === 1 ? 'reads' : 'read'} it in a way that cannot be taken apart`;
}

function listed(readers: readonly Node[]): string {
  return [...new Set(readers.map(({ opType }) => opType))].slice(0, 3).join(' and ');
}

function looksUpRows(node: Node, name: string): boolean {
  const isGather = node.opType === 'Gather' && node.domain === '' && node.inputs.length === 2;
  return isGather && node.inputs[0] === name && node.inputs[1] !== name && intAttribute(node, 'axis', 0) === 0;
}

function isTranspose(node: Node, rank: number): boolean {
  if (node.opType !== 'Transpose' || node.domain !== '' || rank !== 2) return false;
  const order = intsAttribute(node, 'perm');
  return order === null || order.join() === '1,0';
}

/** The axis of `name` that a product's outputs lie along; null where the node is no product with it on its right. */
function productAxis(node: Node, name: string, rank: number): number | null {
  const isRight = node.inputs[1] === name && node.inputs.lastIndexOf(name) === 1 && node.inputs[0] !== name;
  if (node.domain !== '' || !isRight || rank < 2) return null;
  if (node.opType === 'MatMul') return rank - 1;
  if (node.opType !== 'Gemm' || rank !== 2) return null;
  return intAttribute(node, 'transB', 0) === 0 ? 1 : 0;
}

function turnedAxis(axis: number | null): number | null {
  return axis === null ? null : 1 - axis;
}
