import type { Kernels } from '../../kernels';
import { placeOf, type ScaleLayout } from '../../kernels/scale-layout';
import type { ChunkDecoder } from './real-values';

/** Codes of 16 bits, which no pass makes for weights, but other tools do: `(code - zeroPoint) * scale`. */
export function wideDecoder(
  kernels: Kernels,
  signed: boolean,
  layout: ScaleLayout,
  scale: Float32Array,
  zeroPoint: Int32Array | null,
): ChunkDecoder {
  return {
    bitsPerElement: 16,
    decode: ({ address, first, count }, output) => {
      const bytes = kernels.view(address, count * 2);
      const codes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const values = new Float32Array(bytes.buffer, output, count);
      for (let index = 0; index < count; index++) {
        const place = placeOf(layout, first + index);
        const at = place.scale + place.column;
        const code = signed ? codes.getInt16(index * 2, true) : codes.getUint16(index * 2, true);
        values[index] = Math.fround(code - (zeroPoint?.[at] ?? 0)) * (scale[at] ?? 0);
      }
    },
    close: () => undefined,
  };
}
