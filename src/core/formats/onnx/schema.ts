import protobuf from 'protobufjs/light';
import { DESCRIPTOR } from './descriptor';

/** Integers of 64 bits arrive as numbers or as the library's Long objects. */
export type Int64 = number | { toNumber(): number };

export interface StringEntry {
  key: string;
  value: string;
}

export interface OperatorSetId {
  domain: string;
  version: Int64;
}

/** `ModelProto` without its graph, functions and training information, which are read by range. */
export interface ModelHead {
  irVersion: Int64;
  opsetImport: OperatorSetId[];
  producerName: string;
  producerVersion: string;
  metadataProps: StringEntry[];
}

export interface GraphHead {
  name: string;
}

export interface FunctionHead {
  name: string;
  domain: string;
  input: string[];
  output: string[];
}

/** A field that holds tensors or graphs arrives as bytes: those are read by range. */
export interface AttributeMessage {
  name: string;
  refAttrName: string;
  type: number;
  f: number;
  i: Int64;
  s: Uint8Array;
  t: Uint8Array;
  g: Uint8Array;
  floats: number[];
  ints: Int64[];
  strings: Uint8Array[];
  graphs: Uint8Array[];
}

export interface NodeMessage {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  domain: string;
  attribute: AttributeMessage[];
  metadataProps: StringEntry[];
}

/** `TensorProto` without its numbers. */
export interface TensorHead {
  dims: Int64[];
  dataType: number;
  segment: { begin: Int64; end: Int64 } | null;
  name: string;
  stringData: Uint8Array[];
  externalData: StringEntry[];
  dataLocation: number;
}

export interface SparseHead {
  dims: Int64[];
}

export interface DimensionMessage {
  dimValue?: Int64;
  dimParam?: string;
  value?: 'dimValue' | 'dimParam';
}

export interface TypeMessage {
  tensorType: { elemType: number; shape: { dim: DimensionMessage[] } | null } | null;
}

export interface ValueInfoMessage {
  name: string;
  type: TypeMessage | null;
}

/** One message type: bytes to an object whose absent fields have protobuf's defaults, and back. */
export interface Codec<T extends object> {
  decode(bytes: Uint8Array): T;
  encode(value: Partial<T>): Uint8Array;
}

const root = protobuf.Root.fromJSON(DESCRIPTOR);

function codec<T extends object>(name: string): Codec<T> {
  const type = root.lookupType(name);
  return {
    decode: (bytes) => type.decode(bytes) as T,
    encode: (value) => type.encode(value).finish(),
  };
}

export const modelHead = codec<ModelHead>('ModelHead');
export const graphHead = codec<GraphHead>('GraphHead');
export const functionHead = codec<FunctionHead>('FunctionHead');
export const nodeMessage = codec<NodeMessage>('Node');
export const attributeMessage = codec<AttributeMessage>('Attribute');
export const tensorHead = codec<TensorHead>('TensorHead');
export const sparseHead = codec<SparseHead>('SparseHead');
export const typeMessage = codec<TypeMessage>('Type');
export const valueInfoMessage = codec<ValueInfoMessage>('ValueInfo');
export const stringEntry = codec<StringEntry>('StringEntry');
export const operatorSetId = codec<OperatorSetId>('OperatorSetId');

export function toNumber(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}
