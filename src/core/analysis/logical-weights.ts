import type { DType } from '../model/dtype';
import { bitsOf, isInteger } from '../model/dtype';
import type { Encoding } from '../model/encoding';
import type { Node, Weight } from '../model/model';
import { elementsOf } from '../model/model';
import type { GraphIndex } from './graph-order';
import { recognizeUnpacking } from './unpacking/recognize';
import { termOf, type FunctionTable } from './unpacking/term';
import { initializersOf, unpackedEncoding, type UnpackedTensor } from './unpacking/unpacked-tensor';
import { unpackingForm } from './weight-forms';

/**
 * One weight as its layer means it: a tensor of the file, and what the graph does to it before the layer sees numbers.
 * Scales, zero points and tables belong to the encoding; they are no parameters.
 */
export interface LogicalWeight {
  /**
   * The initializer's name as stored; for a `Constant` node, its output's; where the initializer's name was made up or
   * derived from it, the name of the value that is unpacked.
   */
  readonly name: string;
  /** The tensor that holds the values or the codes. */
  readonly stored: Weight;
  /** Logical shape in the stored order of axes; differs from `stored.shape` only where codes are packed. */
  readonly shape: readonly number[];
  /** The shape that the layer sees, after transposes and reshapes. */
  readonly seenShape: readonly number[];
  /** For each axis that the layer sees, the axis of `shape` it comes from; null where a reshape mixed them. */
  readonly axes: readonly (number | null)[];
  /** What the layer computes with. */
  readonly dtype: DType;
  readonly encoding: Encoding;
  readonly scale: Weight | null;
  readonly zeroPoint: Weight | null;
  /** The nodes that unpack it: helpers, not layers. */
  readonly unpackedBy: readonly Node[];
  /** How it unpacks itself: what `stored` is a part of; absent where one node or two do it. */
  readonly unpacking?: UnpackedTensor;
  /** What it is put together of along an axis of `shape`, where it is too large for one tensor; `stored` is the first's. */
  readonly parts?: { readonly axis: number; readonly weights: readonly LogicalWeight[] };
}

/** Longer chains of unpacking nodes are not looked through; it also bounds recursion on hostile graphs. */
const MAX_UNPACKING_STEPS = 32;

/** Names of initializers and values that stand for a weight in files that we wrote. */
export function isMadeUp(name: string): boolean {
  return MADE_UP.test(name);
}

const MADE_UP = /^_[0-9a-z]+$/;

/** Finds the weight behind a value of one graph, through the enclosing graphs. */
export class WeightResolver {
  private readonly known = new Map<string, LogicalWeight | null>();

  constructor(
    readonly index: GraphIndex,
    readonly outer: WeightResolver | null,
    readonly functions: FunctionTable = outer?.functions ?? NO_FUNCTIONS,
  ) {}

  /** The weight behind a value; null where the value is computed from an input, or in a way that is not understood. */
  weightOf(value: string, steps = 0): LogicalWeight | null {
    if (value === '' || steps > MAX_UNPACKING_STEPS) return null;
    const known = this.known.get(value);
    if (known !== undefined) return known;
    // A cycle meets this entry and ends.
    this.known.set(value, null);
    const found = this.resolve(value, steps);
    this.known.set(value, found);
    return found;
  }

  private resolve(value: string, steps: number): LogicalWeight | null {
    const weight = this.index.graph.weights.get(value);
    if (weight !== undefined) return denseWeight(value, weight);
    const node = this.index.producer.get(value);
    if (node === undefined) return this.outer?.weightOf(value, steps + 1) ?? null;
    if (node.outputs[0] !== value) return null;
    const unpacked = this.unpacked(value, node);
    if (unpacked !== null) return unpacked;
    const form = unpackingForm(node);
    if (form === undefined) return null;
    return form(node, (index) => this.weightOf(node.inputs[index] ?? '', steps + 1));
  }

  private unpacked(value: string, node: Node): LogicalWeight | null {
    const { graph, producer } = this.index;
    const names = {
      weight: (name: string) => graph.weights.get(name) ?? this.outer?.index.graph.weights.get(name),
      producer: (name: string) => producer.get(name),
    };
    const tensor = recognizeUnpacking(termOf(value, names, this.functions));
    return tensor === null ? null : unpackedWeight(value, node, tensor);
  }
}

/** The weight of a value that unpacks it from several initializers. */
export function unpackedWeight(name: string, node: Node, unpacking: UnpackedTensor): LogicalWeight {
  const [stored] = initializersOf(unpacking);
  const { shape } = unpacking;
  return {
    ...denseWeight(name, stored ?? { name, dtype: 'float32', shape, data: NO_BYTES }),
    shape,
    seenShape: shape,
    axes: shape.map((_, axis) => axis),
    dtype: 'float32',
    encoding: unpackedEncoding(unpacking),
    unpackedBy: [node],
    unpacking,
  };
}

const NO_BYTES: Weight['data'] = { kind: 'bytes', bytes: new Uint8Array(0) };
const NO_FUNCTIONS: FunctionTable = new Map();

/** A tensor used as it is stored. */
export function denseWeight(name: string, stored: Weight): LogicalWeight {
  return {
    name,
    stored,
    shape: stored.shape,
    seenShape: stored.shape,
    axes: stored.shape.map((_, axis) => axis),
    dtype: stored.dtype,
    encoding: { kind: 'dense', dtype: stored.dtype },
    scale: null,
    zeroPoint: null,
    unpackedBy: [],
  };
}

/** The affine encoding of integer codes under a scale. `axis` counts in the stored order; null for one scale. */
export function affineEncoding(
  codes: Weight,
  scale: Weight | null,
  axis: number | null,
  block: number | null,
): Encoding {
  const single = scale === null || elementsOf(scale.shape) === 1;
  return {
    kind: 'affine',
    bits: bitsOf(codes.dtype),
    signed: codes.dtype.startsWith('int'),
    axis: single && block === null ? null : axis,
    block,
  };
}

/** Codes that stand for real numbers once a scale is known. */
export function holdsCodes(weight: LogicalWeight): boolean {
  return weight.encoding.kind === 'dense' && isInteger(weight.encoding.dtype);
}

/** Bytes in the file of all that the weight is made of: codes, scales, zero points, tables, positions. */
export function storedBytes(weight: LogicalWeight): number {
  if (weight.parts !== undefined) return weight.parts.weights.reduce((sum, part) => sum + storedBytes(part), 0);
  if (weight.unpacking !== undefined) {
    return initializersOf(weight.unpacking).reduce((sum, initializer) => sum + tensorBytes(initializer), 0);
  }
  return tensorBytes(weight.stored) + tensorBytes(weight.scale) + tensorBytes(weight.zeroPoint);
}

function tensorBytes(weight: Weight | null): number {
  if (weight === null) return 0;
  const { data } = weight;
  switch (data.kind) {
    case 'range':
      return data.length;
    case 'bytes':
      return data.bytes.byteLength;
    case 'stream':
      return data.stream.byteLength;
    case 'sparse':
      return tensorBytes(data.values) + tensorBytes(data.positions);
    case 'strings':
      return data.values.reduce((total, value) => total + value.byteLength, 0);
  }
}
