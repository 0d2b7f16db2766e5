import { Writer } from 'protobufjs/minimal';

/** Rows, shared dimension and columns: enough for the runtime's vector kernels. */
export const PROBE = { rows: 4, shared: 64, columns: 16, activation: 255, weight: 127 } as const;

/** What every element of the product is, computed exactly. */
export const PROBE_ANSWER = PROBE.shared * PROBE.activation * PROBE.weight;

// Numbers of onnx.proto3's fields and types.
const UINT8 = 2;
const INT8 = 3;
const INT32 = 6;

/**
 * A model in ONNX's format of one `MatMulInteger`: input `a` uint8 [4, 64], weights int8 [64, 16] all 127, output `y`
 * int32 [4, 16]. Pairs of products reach 255 * 127 * 2 = 64,770, beyond 16 bits.
 */
export function int8Probe(): Uint8Array {
  const { rows, shared, columns, weight } = PROBE;
  const node = message((w) =>
    w.uint32(10).string('a').uint32(10).string('b').uint32(18).string('y').uint32(34).string('MatMulInteger'),
  );
  const weights = message((w) =>
    w
      .uint32(8)
      .int64(shared)
      .uint32(8)
      .int64(columns)
      .uint32(16)
      .int32(INT8)
      .uint32(66)
      .string('b')
      .uint32(74)
      .bytes(new Uint8Array(shared * columns).fill(weight)),
  );
  const graph = message((w) =>
    w
      .uint32(10)
      .bytes(node)
      .uint32(18)
      .string('int8 probe')
      .uint32(42)
      .bytes(weights)
      .uint32(90)
      .bytes(value('a', UINT8, [rows, shared]))
      .uint32(98)
      .bytes(value('y', INT32, [rows, columns])),
  );
  const opset = message((w) => w.uint32(10).string('').uint32(16).int64(13));
  return message((w) => w.uint32(8).int64(8).uint32(58).bytes(graph).uint32(66).bytes(opset));
}

function value(name: string, elementType: number, shape: readonly number[]): Uint8Array {
  const dimensions = message((w) => {
    for (const size of shape) w.uint32(10).bytes(message((d) => d.uint32(8).int64(size)));
    return w;
  });
  const tensor = message((w) => w.uint32(8).int32(elementType).uint32(18).bytes(dimensions));
  return message((w) =>
    w
      .uint32(10)
      .string(name)
      .uint32(18)
      .bytes(message((t) => t.uint32(10).bytes(tensor))),
  );
}

function message(write: (writer: Writer) => Writer): Uint8Array {
  return write(Writer.create()).finish();
}
