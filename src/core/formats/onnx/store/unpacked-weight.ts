import type { FreshNames } from '../../../compression/graph/fresh-names';
import { newNode } from '../../../compression/graph/new-nodes';
import type { DType } from '../../../model/dtype';
import type { ByteStream, FunctionDefinition, Node, Weight } from '../../../model/model';
import { codeOfDtype } from '../data-types';

/** What stands for a weight in a file, the node that has the weight's name as its output last. */
export interface UnpackedWeight {
  /** Codes first: scales are known once those were made. */
  readonly weights: readonly Weight[];
  readonly nodes: readonly Node[];
  /** What `nodes` call. */
  readonly functions?: readonly FunctionDefinition[];
  /** Nodes that take the codes themselves, or parts of the weight, by those whose place they take. */
  readonly readers?: ReadonlyMap<Node, readonly Node[]>;
  /** The least that a file must state to hold these, where that is more than today's: operator sets and its own version. */
  readonly needs?: FileNeeds;
}

export interface FileNeeds {
  readonly irVersion?: number;
  readonly opsets?: ReadonlyMap<string, number>;
}

/**
 * Names of new initializers and values start so: a small network's file is mostly names, and the weight's own name is
 * the one that people see.
 */
export const GENERATED = '_';

/** A weight that is produced when it is written. */
export function streamedWeight(name: string, dtype: DType, shape: readonly number[], stream: ByteStream): Weight {
  return { name, dtype, shape, data: { kind: 'stream', stream } };
}

export function castNode(input: string, output: string, to: DType): Node {
  return newNode('Cast', [input], [output], { to: { kind: 'int', value: codeOfDtype(to) } });
}

/** Values of another dtype, and a `Cast` back, which ONNX Runtime folds away when it loads the model. */
export function storeCast(
  weight: Weight,
  dtype: DType,
  stream: ByteStream,
  name: string,
  names: FreshNames,
): UnpackedWeight {
  const stored = names.numbered(GENERATED);
  return {
    weights: [streamedWeight(stored, dtype, weight.shape, stream)],
    nodes: [castNode(stored, name, weight.dtype)],
  };
}
