import type { DType } from './dtype';

/**
 * The neutral model: what every format reads into, and all that views, analysis and passes know.
 * Objects are never changed in place; a pass makes new ones. `origin` belongs to the format that read the object.
 */
export interface Model {
  readonly format: FormatId;
  /** The format's own version, as it is shown: "IR 8". */
  readonly formatVersion: string;
  /** "pytorch 2.13.0", or "" where the file does not say. */
  readonly producer: string;
  /** Operator set version by domain; the standard domain is "". */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  readonly functions: readonly FunctionDefinition[];
  /** The files that hold the model; the first is the one that was opened, the others hold weights beside it. */
  readonly files: readonly ModelFile[];
  readonly origin?: unknown;
}

export type FormatId = 'onnx';

export interface ModelFile {
  readonly path: string;
  /** Bytes when the model was read. */
  readonly size: number;
  /** Changes when the file's content may have changed (size, time, inode). */
  readonly identity: string;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Types that the file states for values between nodes, by name. */
  readonly values: ReadonlyMap<string, ValueType>;
  /** Initializers by name, in file order. */
  readonly weights: ReadonlyMap<string, Weight>;
  readonly origin?: unknown;
}

/** A function of the model (ONNX `FunctionProto`): a graph with formal parameters and no weights of its own. */
export interface FunctionDefinition {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly origin?: unknown;
}

export interface Node {
  /** As stored; often empty, never unique by contract. */
  readonly name: string;
  readonly opType: string;
  /** "" for the standard operators. */
  readonly domain: string;
  /** Names of values; "" is an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly origin?: unknown;
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  /** Integers beyond 2^53 are clipped to it; the file's own bytes are kept for writing. */
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Weight }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'graphs'; readonly value: readonly Graph[] }
  /** Kept for writing, not understood: sparse tensors, types, tensor lists, references to function attributes. */
  | { readonly kind: 'opaque' };

/** A dimension: a number, a name ("batch", "batch*49"), or null where nothing is known. */
export type Dimension = number | string | null;

export interface ValueType {
  /** Null for sequences, maps, optionals and values whose type is not stated. */
  readonly dtype: DType | null;
  /** Null when even the rank is unknown. */
  readonly shape: readonly Dimension[] | null;
}

export interface Value {
  readonly name: string;
  readonly type: ValueType;
  readonly origin?: unknown;
}

/** A tensor that is part of the model. It knows where its bytes lie; reading them is `core/formats`' work. */
export interface Weight {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: WeightData;
  readonly origin?: unknown;
}

export type WeightData =
  /** Bytes in one of the model's files. `raw`: little-endian, packed; `varint`: protobuf varints, one an element. */
  | {
      readonly kind: 'range';
      readonly file: number;
      readonly offset: number;
      readonly length: number;
      readonly storage: 'raw' | 'varint';
    }
  /** Little-endian, packed bytes that are already in memory: small tensors and new ones. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Produced when it is written: a pass's result that never lies in memory whole. */
  | { readonly kind: 'stream'; readonly stream: ByteStream }
  /** ONNX sparse initializers: positions are int64, linear `[n]` or coordinates `[n, rank]`. */
  | { readonly kind: 'sparse'; readonly values: Weight; readonly positions: Weight }
  | { readonly kind: 'strings'; readonly values: readonly Uint8Array[] };

/** Bytes that are made on demand, any number of times, in chunks of at most a few MiB. */
export interface ByteStream {
  readonly byteLength: number;
  chunks(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Elements of a shape; 1 for a scalar. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
