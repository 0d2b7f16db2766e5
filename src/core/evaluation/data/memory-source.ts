import { EdgewiseError } from '../../errors';
import type { ByteSource } from '../../formats/byte-source';

/** Bytes in memory that read like a file. */
export class MemorySource implements ByteSource {
  readonly size: number;

  constructor(
    readonly path: string,
    readonly identity: string,
    private readonly bytes: Uint8Array,
  ) {
    this.size = bytes.byteLength;
  }

  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      const sentence = `${this.path} ends early: ${offset + length} bytes are needed, it has ${this.size}.`;
      return Promise.reject(new EdgewiseError('truncated', sentence, { file: this.path }));
    }
    const part = this.bytes.subarray(offset, offset + length);
    if (into === undefined) return Promise.resolve(part);
    into.set(part);
    return Promise.resolve(into.subarray(0, length));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
