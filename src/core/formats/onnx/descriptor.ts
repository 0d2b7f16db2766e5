/**
 * The messages of ONNX (IR version 13, field numbers of `onnx.proto`), in protobufjs' JSON form. Fields that can hold
 * a tensor or a graph are declared as bytes or left out: they are read by range (`scan.ts`, `outline.ts`).
 */
type FieldDescriptor = { id: number; type: string; rule?: 'repeated'; options?: { packed: boolean } };

const one = (type: string, id: number): FieldDescriptor => ({ type, id });
const many = (type: string, id: number): FieldDescriptor => ({ type, id, rule: 'repeated' });
/** proto2 writes numbers one by one where the file does not ask for packing; readers take both. */
const unpacked = (type: string, id: number): FieldDescriptor => ({ ...many(type, id), options: { packed: false } });

/** Presence is told apart from a default value, as in all of ONNX: an attribute's 0 is written. */
const message = (fields: Record<string, FieldDescriptor>, oneofs?: Record<string, { oneof: string[] }>) => ({
  edition: 'proto2',
  fields,
  ...(oneofs && { oneofs }),
});

export const DESCRIPTOR = {
  nested: {
    StringEntry: message({ key: one('string', 1), value: one('string', 2) }),
    OperatorSetId: message({ domain: one('string', 1), version: one('int64', 2) }),
    ModelHead: message({
      irVersion: one('int64', 1),
      producerName: one('string', 2),
      producerVersion: one('string', 3),
      opsetImport: many('OperatorSetId', 8),
      metadataProps: many('StringEntry', 14),
    }),
    GraphHead: message({ name: one('string', 2) }),
    FunctionHead: message({
      name: one('string', 1),
      input: many('string', 4),
      output: many('string', 5),
      domain: one('string', 10),
    }),
    Attribute: message({
      name: one('string', 1),
      f: one('float', 2),
      i: one('int64', 3),
      s: one('bytes', 4),
      t: one('bytes', 5),
      g: one('bytes', 6),
      floats: unpacked('float', 7),
      ints: unpacked('int64', 8),
      strings: many('bytes', 9),
      graphs: many('bytes', 11),
      type: one('int32', 20),
      refAttrName: one('string', 21),
    }),
    Node: message({
      input: many('string', 1),
      output: many('string', 2),
      name: one('string', 3),
      opType: one('string', 4),
      attribute: many('Attribute', 5),
      domain: one('string', 7),
      metadataProps: many('StringEntry', 9),
    }),
    Segment: message({ begin: one('int64', 1), end: one('int64', 2) }),
    TensorHead: message({
      dims: unpacked('int64', 1),
      dataType: one('int32', 2),
      segment: one('Segment', 3),
      stringData: many('bytes', 6),
      name: one('string', 8),
      externalData: many('StringEntry', 13),
      dataLocation: one('int32', 14),
    }),
    SparseHead: message({ dims: unpacked('int64', 3) }),
    Dimension: message(
      { dimValue: one('int64', 1), dimParam: one('string', 2) },
      { value: { oneof: ['dimValue', 'dimParam'] } },
    ),
    Shape: message({ dim: many('Dimension', 1) }),
    TensorType: message({ elemType: one('int32', 1), shape: one('Shape', 2) }),
    Type: message({ tensorType: one('TensorType', 1) }),
    ValueInfo: message({ name: one('string', 1), type: one('Type', 2) }),
  },
};
