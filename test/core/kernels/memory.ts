import type { Kernels, Region } from '../../../src/core/kernels';

/** Copies an array into the kernels' memory, `misaligned` bytes after a region's start, and gives its address. */
export function put(kernels: Kernels, data: ArrayBufferView, misaligned = 0): number {
  const region = kernels.take(data.byteLength + misaligned);
  region.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), misaligned);
  return region.address + misaligned;
}

/** Bytes at an address, copied, for every kind of typed array to look at. */
export function bytesAt(region: Region, offset: number, byteLength: number): ArrayBuffer {
  return region.bytes.slice(offset, offset + byteLength).buffer;
}
