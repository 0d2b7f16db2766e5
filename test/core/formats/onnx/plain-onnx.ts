import protobuf from 'protobufjs';

/**
 * All of ONNX as one plain schema, decoded whole by protobufjs: independent of the reader that is tested. It makes
 * models for tests and compares files message by message.
 */
const SCHEMA = `
  syntax = "proto2";
  message Entry { optional string key = 1; optional string value = 2; }
  message OperatorSet { optional string domain = 1; optional int64 version = 2; }
  message Model {
    optional int64 irVersion = 1;
    optional string producerName = 2;
    optional string producerVersion = 3;
    optional string domain = 4;
    optional int64 modelVersion = 5;
    optional string docString = 6;
    optional Graph graph = 7;
    repeated OperatorSet opsetImport = 8;
    repeated Entry metadataProps = 14;
    repeated Training trainingInfo = 20;
    repeated Function functions = 25;
    repeated Device configuration = 26;
    optional bytes future = 1000;
  }
  message Device { optional string name = 1; optional int32 numDevices = 2; repeated string device = 3; }
  message Training {
    optional Graph initialization = 1;
    optional Graph algorithm = 2;
    repeated Entry initializationBinding = 3;
    repeated Entry updateBinding = 4;
  }
  message Function {
    optional string name = 1;
    repeated string input = 4;
    repeated string output = 5;
    repeated string attribute = 6;
    repeated Node node = 7;
    optional string docString = 8;
    repeated OperatorSet opsetImport = 9;
    optional string domain = 10;
    repeated Attribute attributeProto = 11;
    repeated ValueInfo valueInfo = 12;
    optional string overload = 13;
    repeated Entry metadataProps = 14;
  }
  message Graph {
    repeated Node node = 1;
    optional string name = 2;
    repeated Tensor initializer = 5;
    optional string docString = 10;
    repeated ValueInfo input = 11;
    repeated ValueInfo output = 12;
    repeated ValueInfo valueInfo = 13;
    repeated Annotation quantizationAnnotation = 14;
    repeated Sparse sparseInitializer = 15;
    repeated Entry metadataProps = 16;
    optional bytes future = 1000;
  }
  message Annotation { optional string tensorName = 1; repeated Entry quantParameterTensorNames = 2; }
  message Node {
    repeated string input = 1;
    repeated string output = 2;
    optional string name = 3;
    optional string opType = 4;
    repeated Attribute attribute = 5;
    optional string docString = 6;
    optional string domain = 7;
    optional string overload = 8;
    repeated Entry metadataProps = 9;
    optional bytes future = 1000;
  }
  message Attribute {
    optional string name = 1;
    optional float f = 2;
    optional int64 i = 3;
    optional bytes s = 4;
    optional Tensor t = 5;
    optional Graph g = 6;
    repeated float floats = 7;
    repeated int64 ints = 8;
    repeated bytes strings = 9;
    repeated Tensor tensors = 10;
    repeated Graph graphs = 11;
    optional string docString = 13;
    optional Type tp = 14;
    repeated Type typeProtos = 15;
    optional int32 type = 20;
    optional string refAttrName = 21;
    optional Sparse sparseTensor = 22;
    repeated Sparse sparseTensors = 23;
  }
  message Segment { optional int64 begin = 1; optional int64 end = 2; }
  message Tensor {
    repeated int64 dims = 1;
    optional int32 dataType = 2;
    optional Segment segment = 3;
    repeated float floatData = 4 [packed = true];
    repeated int32 int32Data = 5 [packed = true];
    repeated bytes stringData = 6;
    repeated int64 int64Data = 7 [packed = true];
    optional string name = 8;
    optional bytes rawData = 9;
    repeated double doubleData = 10 [packed = true];
    repeated uint64 uint64Data = 11 [packed = true];
    optional string docString = 12;
    repeated Entry externalData = 13;
    optional int32 dataLocation = 14;
    repeated Entry metadataProps = 16;
    optional bytes future = 1000;
  }
  message Sparse { optional Tensor values = 1; optional Tensor indices = 2; repeated int64 dims = 3; }
  message Dimension {
    oneof value { int64 dimValue = 1; string dimParam = 2; }
    optional string denotation = 3;
  }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { optional int32 elemType = 1; optional Shape shape = 2; }
  message SequenceType { optional Type elemType = 1; }
  message MapType { optional int32 keyType = 1; optional Type valueType = 2; }
  message OpaqueType { optional string domain = 1; optional string name = 2; }
  message Type {
    oneof value {
      TensorType tensorType = 1;
      SequenceType sequenceType = 4;
      MapType mapType = 5;
      OpaqueType opaqueType = 7;
      TensorType sparseTensorType = 8;
      SequenceType optionalType = 9;
    }
    optional string denotation = 6;
  }
  message ValueInfo {
    optional string name = 1;
    optional Type type = 2;
    optional string docString = 3;
    repeated Entry metadataProps = 4;
  }
`;

const root = protobuf.parse(SCHEMA).root;
const Model = root.lookupType('Model');

/** A model written as plain objects, in protobuf's JSON names: `{ irVersion, graph: { node: [...] } }`. */
export type PlainMessage = Record<string, unknown>;

export function encodePlain(model: PlainMessage): Uint8Array {
  return Model.encode(Model.fromObject(model)).finish();
}

/** Everything in a file; numbers of 64 bits as strings, bytes as base64. */
export function decodePlain(bytes: Uint8Array): PlainMessage {
  return Model.toObject(Model.decode(bytes), { longs: String, bytes: String });
}

/** Codes of `TensorProto.DataType` that tests use. */
export const TYPE = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, string: 8, float16: 10, double: 11 } as const;

export function tensorType(elemType: number, ...dims: (number | string)[]): PlainMessage {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { tensorType: { elemType, shape: { dim } } };
}

/** A float32 initializer with `raw_data`, filled with a slow ramp. */
export function floatTensor(name: string, ...dims: number[]): PlainMessage {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.fround(i / 7 - 1));
  return { name, dims, dataType: TYPE.float, rawData: new Uint8Array(values.buffer) };
}

/** `logits = image · weight + bias`: the smallest model that has everything a model needs. */
export function linearModel(changes: PlainMessage = {}, graphChanges: PlainMessage = {}): PlainMessage {
  return {
    irVersion: 8,
    producerName: 'plain',
    producerVersion: '1',
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'linear',
      node: [
        {
          name: 'fc',
          opType: 'Gemm',
          input: ['image', 'weight', 'bias'],
          output: ['logits'],
          attribute: [{ name: 'transB', type: 2, i: 0 }],
        },
      ],
      initializer: [floatTensor('weight', 32, 16), floatTensor('bias', 16)],
      input: [{ name: 'image', type: tensorType(TYPE.float, 'batch', 32) }],
      output: [{ name: 'logits', type: tensorType(TYPE.float, 'batch', 16) }],
      ...graphChanges,
    },
    ...changes,
  };
}
