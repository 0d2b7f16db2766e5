/** A file, read by ranges. Every reader takes one; nothing is loaded whole. */
export interface ByteSource {
  readonly path: string;
  /** Bytes, at the time it was opened. */
  readonly size: number;
  /** Changes when the content may have changed. */
  readonly identity: string;
  /**
   * Reads exactly `length` bytes from `offset`, into `into` when it is given (its first `length` bytes).
   * @throws EdgewiseError `truncated` past the end, `changed` when the file is no longer what was opened.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}
