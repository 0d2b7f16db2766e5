import { quotedName } from '../../file-errors';
import { EdgewiseError } from '../../../errors';
import type { Attribute, Graph, Node, Weight } from '../../../model/model';
import { weightBytes } from '../../weight-reader';
import type { Part } from './message';

/** Smaller weights stay in the model file: shapes and axes, which runtimes want at once. */
const SMALLEST_OUTSIDE_BYTES = 1024;

/** Runtimes map large weights into memory, which works by pages. */
const PAGE_BYTES = 4096;
/** A page for each small weight would waste more than it gives; this suits every vector instruction. */
const SMALL_ALIGNMENT = 64;
const LARGE_WEIGHT_BYTES = 64 * 1024;

/** Where weights' bytes go: into the model's file, or into one beside it. */
export interface WeightStorage {
  /** Null: into the model's file. Otherwise the entry of `external_data` that says where they will lie. */
  place(weight: Weight, role: WeightRole): ExternalPlace | null;
  /** True when a weight can stay exactly as it stands in the file that was read. */
  keeps(weight: Weight, role: WeightRole): boolean;
}

/** Runtimes take initializers from a second file; a node's own tensors only where the model has them there already. */
export type WeightRole = 'initializer' | 'part';

export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export const inlineStorage: WeightStorage = {
  place: () => null,
  keeps: (weight) => !isOutside(weight),
};

/** The file beside the model, filled in the order in which weights are placed. */
export class SidecarStorage implements WeightStorage {
  readonly parts: Part[] = [];
  byteLength = 0;
  /** Weights that shared their bytes in the file that was read share them again. */
  private readonly shared = new Map<string, ExternalPlace>();

  constructor(private readonly location: string) {}

  place(weight: Weight, role: WeightRole): ExternalPlace | null {
    if (!this.goesOutside(weight, role)) return null;
    const { data } = weight;
    const key = data.kind === 'range' ? `${data.file}:${data.offset}:${data.length}` : null;
    const known = key === null ? undefined : this.shared.get(key);
    if (known !== undefined) return known;
    const place = this.append(weight);
    if (key !== null) this.shared.set(key, place);
    return place;
  }

  keeps(weight: Weight, role: WeightRole): boolean {
    return !isOutside(weight) && !this.goesOutside(weight, role);
  }

  private goesOutside(weight: Weight, role: WeightRole): boolean {
    if (weight.data.kind === 'strings' || weight.data.kind === 'sparse') return false;
    return isOutside(weight) || (role === 'initializer' && weightBytes(weight) >= SMALLEST_OUTSIDE_BYTES);
  }

  private append(weight: Weight): ExternalPlace {
    const length = checkedBytes(weight);
    const alignment = length >= LARGE_WEIGHT_BYTES ? PAGE_BYTES : SMALL_ALIGNMENT;
    const padding = (alignment - (this.byteLength % alignment)) % alignment;
    if (padding > 0) this.parts.push({ kind: 'zeros', byteLength: padding });
    const place = { location: this.location, offset: this.byteLength + padding, length };
    this.parts.push({ kind: 'weight', weight, byteLength: length });
    this.byteLength += padding + length;
    return place;
  }
}

function isOutside(weight: Weight): boolean {
  if (weight.data.kind === 'sparse') return isOutside(weight.data.values) || isOutside(weight.data.positions);
  return weight.data.kind === 'range' && weight.data.file > 0;
}

/** True when nothing in a node has to move between files, so that its bytes can be copied. */
export function keepsNode(storage: WeightStorage, node: Node): boolean {
  for (const attribute of node.attributes.values()) if (!keepsAttribute(storage, attribute)) return false;
  return true;
}

export function keepsAttribute(storage: WeightStorage, attribute: Attribute): boolean {
  switch (attribute.kind) {
    case 'tensor':
      return storage.keeps(attribute.value, 'part');
    case 'graph':
      return keepsGraph(storage, attribute.value);
    case 'graphs':
      return attribute.value.every((graph) => keepsGraph(storage, graph));
    default:
      return true;
  }
}

export function keepsGraph(storage: WeightStorage, graph: Graph): boolean {
  for (const weight of graph.weights.values()) if (!storage.keeps(weight, 'initializer')) return false;
  return graph.nodes.every((node) => keepsNode(storage, node));
}

/** Streams state their length before they run: a wrong one would damage everything behind it. */
export function checkedBytes(weight: Weight): number {
  const expected = weightBytes(weight);
  const { data } = weight;
  const stated =
    data.kind === 'stream' ? data.stream.byteLength : data.kind === 'bytes' ? data.bytes.byteLength : expected;
  if (stated === expected) return expected;
  throw new EdgewiseError(
    'internal',
    `The weight ${quotedName(weight.name)} needs ${expected} bytes for its shape, it was given ${stated}.`,
  );
}
