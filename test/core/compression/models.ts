import type { DType } from '../../../src/core/model/dtype';
import type { Attribute, ByteStream, Graph, Model, Node, Value, Weight } from '../../../src/core/model/model';

/** A node of the standard operators. */
export function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, Attribute> = {},
): Node {
  const facts = { attributes: new Map(Object.entries(attributes)), metadata: new Map<string, string>() };
  return { name: '', opType, domain: '', inputs, outputs, ...facts };
}

export const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });
export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });

/** An initializer with numbers in memory. */
export function initializer(
  name: string,
  shape: number[],
  numbers: Float32Array | Float64Array | Uint16Array | Int8Array | BigInt64Array,
  dtype: DType = 'float32',
): Weight {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { name, dtype, shape, data: { kind: 'bytes', bytes } };
}

export function value(name: string, shape: (number | string)[], dtype: DType = 'float32'): Value {
  return { name, type: { dtype, shape } };
}

export interface GraphParts {
  nodes: Node[];
  weights: Weight[];
  inputs: Value[];
  outputs: Value[];
}

export function graph({ nodes, weights, inputs, outputs }: GraphParts): Graph {
  const named = new Map(weights.map((weight) => [weight.name, weight]));
  return { name: 'test', nodes, inputs, outputs, values: new Map(), weights: named };
}

/** A model that lies in no file. */
export function model(parts: GraphParts, opset = 17, irVersion = 8): Model {
  return {
    format: 'onnx',
    formatVersion: `IR ${irVersion}`,
    producer: 'test',
    opsets: new Map([['', opset]]),
    metadata: new Map(),
    graph: graph(parts),
    functions: [],
    files: [],
  };
}

/** A convolution, its activation, and a product of matrices: [n, 8, 6, 6] to [n, 10]. */
export function smallNetwork(make: (count: number, seed: number) => Float32Array): GraphParts {
  return {
    nodes: [
      node('Conv', ['x', 'conv.weight', 'conv.bias'], ['c'], { pads: ints(1, 1, 1, 1) }),
      node('Relu', ['c'], ['r']),
      node('Flatten', ['r'], ['f']),
      node('Gemm', ['f', 'fc.weight', 'fc.bias'], ['g'], { transB: int(1) }),
      node('MatMul', ['g', 'head.weight'], ['y']),
    ],
    weights: [
      initializer('conv.weight', [16, 8, 3, 3], make(16 * 8 * 9, 1)),
      initializer('conv.bias', [16], make(16, 2)),
      initializer('fc.weight', [32, 576], make(32 * 576, 3)),
      initializer('fc.bias', [32], make(32, 4)),
      initializer('head.weight', [32, 40], make(32 * 40, 5)),
    ],
    inputs: [value('x', ['n', 8, 6, 6])],
    outputs: [value('y', ['n', 40])],
  };
}

export async function collect(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(stream.byteLength);
  let done = 0;
  for await (const chunk of stream.chunks()) {
    all.set(chunk, done);
    done += chunk.byteLength;
  }
  if (done !== stream.byteLength) throw new Error(`${done} of ${stream.byteLength} bytes`);
  return all;
}

export const floats = (bytes: Uint8Array<ArrayBuffer>): Float32Array => new Float32Array(bytes.slice().buffer);
