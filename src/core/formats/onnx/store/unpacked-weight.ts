import type { FreshNames } from '../../../compression/graph/fresh-names';
import { newNode } from '../../../compression/graph/new-nodes';
import type { DType } from '../../../model/dtype';
import type { ByteStream, Node, Weight } from '../../../model/model';
import { codeOfDtype } from '../data-types';

/** Initializers that stand for a weight, and the nodes that make it of them, the last of which has its name. */
export interface UnpackedWeight {
  /** Codes first: scales are known once those were made. */
  readonly weights: readonly Weight[];
  readonly nodes: readonly Node[];
}

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
  const stored = names.like(`${name}_${dtype}`);
  return {
    weights: [streamedWeight(stored, dtype, weight.shape, stream)],
    nodes: [castNode(stored, name, weight.dtype)],
  };
}
