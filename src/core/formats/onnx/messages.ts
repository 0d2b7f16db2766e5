/**
 * Which messages of ONNX can hold a tensor, and in which field: what is needed to step over weights without decoding
 * the rest. `known` lists the fields that are decoded; others are kept for writing only.
 */
export interface MessageKind {
  readonly name: string;
  readonly children: ReadonlyMap<number, MessageKind>;
  readonly known: ReadonlySet<number>;
  /** Fields of numbers: `raw_data` and the packed typed fields of `TensorProto`. */
  readonly payload: ReadonlySet<number>;
}

interface MutableKind extends MessageKind {
  readonly children: Map<number, MessageKind>;
}

function kind(name: string, known: readonly number[], payload: readonly number[] = []): MutableKind {
  return { name, children: new Map(), known: new Set(known), payload: new Set(payload) };
}

const model = kind('model', [1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25]);
const training = kind('training info', [1, 2]);
const graph = kind('graph', [1, 2, 5, 10, 11, 12, 13, 15, 16]);
const functionKind = kind('function', [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
const node = kind('node', [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const attribute = kind('attribute', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 20, 21, 22, 23]);
const sparse = kind('sparse tensor', [1, 2, 3]);
const tensor = kind('tensor', [1, 2, 3, 6, 8, 12, 13, 14, 16], [4, 5, 7, 9, 10, 11]);

model.children.set(7, graph).set(20, training).set(25, functionKind);
training.children.set(1, graph).set(2, graph);
graph.children.set(1, node).set(5, tensor).set(15, sparse);
functionKind.children.set(7, node).set(11, attribute);
node.children.set(5, attribute);
attribute.children.set(5, tensor).set(6, graph).set(10, tensor).set(11, graph).set(22, sparse).set(23, sparse);
sparse.children.set(1, tensor).set(2, tensor);

export const MODEL: MessageKind = model;
