import type { DType } from '../model/dtype';
import { bitsOf, isInteger } from '../model/dtype';
import type { Encoding } from '../model/encoding';
import type { Node, Weight } from '../model/model';
import { elementsOf } from '../model/model';
import type { GraphIndex } from './graph-order';
import { unpackingForm } from './weight-forms';

/**
 * One weight as its layer means it: a tensor of the file, and what the graph does to it before the layer sees numbers.
 * Scales, zero points and tables belong to the encoding; they are no parameters.
 */
export interface LogicalWeight {
  /** The initializer's name as stored; for a `Constant` node, its output's. */
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
}

/** Longer chains of unpacking nodes are not looked through; it also bounds recursion on hostile graphs. */
const MAX_UNPACKING_STEPS = 32;

/** Finds the weight behind a value of one graph, through the enclosing graphs. */
export class WeightResolver {
  private readonly known = new Map<string, LogicalWeight | null>();

  constructor(
    readonly index: GraphIndex,
    readonly outer: WeightResolver | null,
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
    const form = unpackingForm(node);
    if (form === undefined || node.outputs[0] !== value) return null;
    return form(node, (index) => this.weightOf(node.inputs[index] ?? '', steps + 1));
  }
}

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

/** Bytes in the file: codes, scale and zero point. */
export function storedBytes(weight: LogicalWeight): number {
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
