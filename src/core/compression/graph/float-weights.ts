import type { WeightReader } from '../../formats/weight-reader';
import { elementsOf, type Weight } from '../../model/model';

const FLOAT32_BYTES = 4;

/** The numbers of a float32 weight, row-major. The whole tensor is in memory: use it where a pass rewrites it whole. */
export async function readFloats(reader: WeightReader, weight: Weight): Promise<Float32Array> {
  const length = elementsOf(weight.shape) * FLOAT32_BYTES;
  const bytes = await reader.read(weight, 0, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  return Float32Array.from({ length: length / FLOAT32_BYTES }, (_, index) =>
    view.getFloat32(index * FLOAT32_BYTES, true),
  );
}
