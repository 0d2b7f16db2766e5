import { elementsOf } from '../../model/model';
import { zeros, type Tensor } from '../../runtime/tensor';

/** Samples of a batch from `first` on, as a batch of `size`: the last sample stands again where there are too few. */
export function rowsOf(tensor: Tensor, first: number, size: number): Tensor {
  const [batch = 1, ...sample] = tensor.shape;
  if (first === 0 && batch === size) return tensor;
  const rows = zeros(tensor.dtype, [size, ...sample]);
  const [from, to] = [bytesOf(tensor), bytesOf(rows)];
  const length = to.byteLength / size;
  for (let row = 0; row < size; row++) {
    const source = Math.min(first + row, batch - 1) * length;
    to.set(from.subarray(source, source + length), row * length);
  }
  return rows;
}

/** Answers to parts of a batch, one after the other, as `[samples, values]`; what is beyond `samples` is left out. */
export function joinedRows(parts: readonly Tensor[], samples: number): Tensor {
  const [first] = parts;
  const values = first ? elementsOf(first.shape) / (first.shape[0] ?? 1) : 0;
  const data = new Float32Array(samples * values);
  let done = 0;
  for (const part of parts) {
    const wanted = Math.min(part.data.length, data.length - done);
    for (let index = 0; index < wanted; index++) data[done + index] = Number(part.data[index]);
    done += wanted;
  }
  return { dtype: 'float32', shape: [samples, values], data };
}

const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
