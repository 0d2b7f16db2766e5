import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { openSession } from '../../../src/core/runtime/session';
import { int, model, node, value } from '../compression/models';

/** ONNX's number for float16. */
const FLOAT16 = 10;

/** Floats as ONNX Runtime's `Cast` rounds them: bits of float16. */
export async function castToFloat16(values: Float32Array): Promise<Uint16Array> {
  const cast = model({
    nodes: [node('Cast', ['x'], ['y'], { to: int(FLOAT16) })],
    weights: [],
    inputs: [value('x', ['n'])],
    outputs: [value('y', ['n'], 'float16')],
  });
  const session = await openSession(await encodeOnnx(cast));
  const { y } = await session.run({ x: { dtype: 'float32', shape: [values.length], data: values } });
  await session.close();
  return Uint16Array.from(y?.data ?? [], Number);
}
