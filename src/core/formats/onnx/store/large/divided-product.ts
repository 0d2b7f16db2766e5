import { newNode } from '../../../../compression/graph/new-nodes';
import type { Node, Weight } from '../../../../model/model';
import type { SharedParts } from '../shared-parts';
import { GENERATED, type UnpackedWeight } from '../unpacked-weight';
import type { GraphUses } from '../uses';
import { indivisible, partOf, type Divisible, type Part } from './part-of';
import type { ProductReaders } from './readers';

/** Codes of any width end on a byte after as many, so that rows of a part need no filling. */
const EVEN_CODES = 8;

/**
 * The parts in which a weight has at most `most` elements each, all but the last of one length; null where what has to
 * stay together is larger.
 */
export function partsOf(tensor: Divisible, axis: number, most: number): Part[] | null {
  const length = tensor.shape[axis] ?? 1;
  const slice = tensor.shape.reduce((product, size, at) => (at === axis ? product : product * size), 1);
  const whole = indivisible(tensor, axis);
  const fits = Math.floor(most / slice);
  const step = stepsOf(fits, whole * EVEN_CODES) || stepsOf(fits, whole);
  if (step === 0) return null;
  const count = Math.ceil(length / step);
  // Parts of about the same size, rather than a small one at the end.
  const unit = step % (whole * EVEN_CODES) === 0 ? whole * EVEN_CODES : whole;
  const even = Math.min(step, Math.ceil(length / count / unit) * unit);
  return Array.from({ length: Math.ceil(length / even) }, (_, part) => ({
    axis,
    start: part * even,
    end: Math.min(length, (part + 1) * even),
  }));
}

function stepsOf(fits: number, unit: number): number {
  return Math.floor(fits / unit) * unit;
}

/** Why products cannot be divided, as a clause; null where they can. @param outputs length of the axis that is cut */
export function undividable(readers: ProductReaders, outputs: number, uses: GraphUses): string | null {
  for (const { inputs, opType } of readers.products) {
    const bias = opType === 'Gemm' ? (inputs[2] ?? '') : '';
    if (bias !== '' && biasKind(uses.shapeOf(bias), outputs) === null)
      return `the shape of the bias "${bias}" is not known`;
  }
  return null;
}

/** `each`: one number an output; `all`: the same for all of them. */
function biasKind(shape: readonly (number | string | null)[] | null, outputs: number): 'each' | 'all' | null {
  const last = shape?.length === 0 ? 1 : shape?.at(-1);
  if (last === outputs && outputs > 1) return 'each';
  return last === 1 ? 'all' : null;
}

/** A weight, the products that read it, and the parts that it comes in. */
export interface Division {
  readonly name: string;
  readonly weight: Weight;
  readonly tensor: Divisible;
  readonly readers: ProductReaders;
  readonly parts: readonly Part[];
  readonly uses: GraphUses;
  /** What stands for a part, under a name. */
  store(name: string, weight: Weight, tensor: Divisible): UnpackedWeight;
}

/**
 * A product for each part of its right side, and their outputs joined: each part is small enough to be unpacked when the
 * model is loaded, and every output is computed as before. Joining the parts of the weight instead would be left to each
 * inference. The first part has the weight's name.
 */
export function divideProducts(division: Division, shared: SharedParts): UnpackedWeight {
  const { name, weight, tensor, parts, readers } = division;
  const fresh = () => shared.names.numbered(GENERATED);
  const names = parts.map((_, index) => (index === 0 ? name : fresh()));
  const stored = parts.map((part, index) => {
    const piece = partOf(tensor, part);
    return division.store(names[index] ?? '', { ...weight, shape: piece.shape }, piece);
  });
  const replaced = new Map<Node, readonly Node[]>();
  const rights = new Map([[name, names]]);
  for (const transpose of readers.transposes) {
    const turned = names.map((part, index) => ({ ...copyOf(transpose, index), inputs: [part], outputs: [fresh()] }));
    replaced.set(transpose, turned);
    rights.set(
      transpose.outputs[0] ?? '',
      turned.flatMap(({ outputs }) => outputs),
    );
  }
  for (const product of readers.products) {
    replaced.set(product, dividedProduct(division, product, rights.get(product.inputs[1] ?? '') ?? [], shared));
  }
  return { ...joined(stored), readers: replaced };
}

function dividedProduct(division: Division, product: Node, rights: readonly string[], shared: SharedParts): Node[] {
  const { parts, tensor, readers, uses } = division;
  const lengths = parts.map(({ start, end }) => end - start);
  const fresh = () => shared.names.numbered(GENERATED);
  const [left = '', , bias = ''] = product.inputs;
  const isGemm = product.opType === 'Gemm';
  const divides = isGemm && bias !== '' && biasKind(uses.shapeOf(bias), tensor.shape[readers.axis] ?? 1) === 'each';
  const biases = rights.map(() => (divides ? fresh() : bias));
  const split = newNode('Split', [bias, shared.constant('int64', [lengths.length], lengths)], biases, {
    axis: { kind: 'int', value: -1 },
  });
  const results = rights.map(fresh);
  const made = rights.map((right, index) => ({
    ...copyOf(product, index),
    inputs: isGemm && bias !== '' ? [left, right, biases[index] ?? ''] : [left, right],
    outputs: [results[index] ?? ''],
  }));
  const concat = newNode('Concat', results, product.outputs, { axis: { kind: 'int', value: -1 } });
  return [...(divides ? [split] : []), ...made, concat];
}

/** Only the first keeps the name. */
function copyOf(node: Node, index: number): Node {
  return index === 0 ? node : { ...node, name: '', metadata: new Map() };
}

/** Several as one. */
function joined(all: readonly UnpackedWeight[]): UnpackedWeight {
  const needs = all.flatMap((one) => one.needs ?? []);
  return {
    weights: all.flatMap(({ weights }) => weights),
    nodes: all.flatMap(({ nodes }) => nodes),
    functions: all.flatMap(({ functions }) => functions ?? []),
    needs: {
      irVersion: Math.max(0, ...needs.map(({ irVersion }) => irVersion ?? 0)),
      opsets: new Map(needs.flatMap(({ opsets }) => [...(opsets ?? [])])),
    },
  };
}
