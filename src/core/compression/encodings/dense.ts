import { EdgewiseError } from '../../errors';
import type { Kernels } from '../../kernels';
import { bitsOf, type DType } from '../../model/dtype';
import { elementsOf, type ByteStream } from '../../model/model';
import type { DenseTensor } from './encoded-tensor';
import { float8Values } from './float8';
import type { ChunkDecoder, RealValues } from './real-values';

/** Float64 and float32 differ in width; both views need aligned addresses, which regions are. */
const FLOAT64_BYTES = 8;

type Widen = (kernels: Kernels, input: number, count: number, output: number) => void;

/** How dense values become float32; null: they are. A new dtype is one line. */
const WIDEN: Partial<Record<DType, Widen | null>> = {
  float32: null,
  float16: (kernels, input, count, output) => {
    kernels.widenFloat16(input, count, output);
  },
  bfloat16: (kernels, input, count, output) => {
    kernels.widenBfloat16(input, count, output);
  },
  // Rounded to float32: beyond its range values become infinite.
  float64: (kernels, input, count, output) => {
    const { buffer } = kernels.view(input, count * FLOAT64_BYTES);
    new Float32Array(buffer, output, count).set(new Float64Array(buffer, input, count));
  },
  float8e4m3fn: byTable('float8e4m3fn'),
  float8e4m3fnuz: byTable('float8e4m3fnuz'),
  float8e5m2: byTable('float8e5m2'),
  float8e5m2fnuz: byTable('float8e5m2fnuz'),
};

function byTable(dtype: DType): Widen {
  const values = float8Values(dtype);
  return (kernels, input, count, output) => {
    const codes = kernels.view(input, count);
    const floats = new Float32Array(codes.buffer, output, count);
    for (let index = 0; index < count; index++) floats[index] = values[codes[index] ?? 0] ?? NaN;
  };
}

/** True for the dtypes whose values can be read as float32. */
export function canWiden(dtype: DType): boolean {
  return WIDEN[dtype] !== undefined;
}

/** @throws EdgewiseError `unsupported` for dtypes that have no real values here. */
export function denseDecoder(kernels: Kernels, dtype: DType): ChunkDecoder {
  const widen = WIDEN[dtype];
  if (widen === undefined) throw new EdgewiseError('unsupported', `Weights of type ${dtype} have no real values here.`);
  return {
    bitsPerElement: bitsOf(dtype),
    decode:
      widen === null
        ? null
        : (stored, output) => {
            widen(kernels, stored.address, stored.count, output);
          },
    close: () => undefined,
  };
}

type Narrow = (kernels: Kernels, input: number, count: number, output: number) => number;

/** How float32 becomes a dtype; gives how many finite values became its largest one. Null: they are. */
const NARROW = {
  float32: null,
  float16: (kernels, input, count, output) => kernels.halve(input, count, output),
  bfloat16: (kernels, input, count, output) => kernels.narrowBfloat16(input, count, output),
} as const satisfies Partial<Record<DType, Narrow | null>>;

/**
 * The values as a floating dtype, rounded to nearest even. Finite values beyond its largest one become it; once the
 * stream has run through, `onOverflow` gets how many did, if any. NaN and infinities stay.
 */
export function denseTensor(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  dtype: keyof typeof NARROW,
  onOverflow: (count: number) => void = () => undefined,
): DenseTensor {
  const elements = elementsOf(shape);
  const narrow: Narrow | null = NARROW[dtype];
  const data =
    narrow === null
      ? float32Stream(kernels, elements, openValues)
      : {
          byteLength: elements * 2,
          chunks: (signal?: AbortSignal) => narrowedChunks(kernels, openValues(), narrow, onOverflow, signal),
        };
  return { kind: 'dense', shape, dtype, data };
}

async function* narrowedChunks(
  kernels: Kernels,
  values: RealValues,
  narrow: Narrow,
  onOverflow: (count: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let overflow = 0;
  try {
    for await (const { address, count } of values.spans(signal)) {
      // Narrower than its source, so it can take its place.
      overflow += narrow(kernels, address, count, address);
      yield kernels.view(address, count * 2);
    }
  } finally {
    values.close();
  }
  if (overflow > 0) onOverflow(overflow);
}

/** Values as a stream of little-endian float32. A chunk is valid until the next one is asked for. */
export function float32Stream(kernels: Kernels, elements: number, openValues: () => RealValues): ByteStream {
  return {
    byteLength: elements * 4,
    async *chunks(signal) {
      const values = openValues();
      try {
        for await (const { address, count } of values.spans(signal)) yield kernels.view(address, count * 4);
      } finally {
        values.close();
      }
    },
  };
}
