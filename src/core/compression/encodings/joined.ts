import type { ByteStream } from '../../model/model';
import { streamFeed } from './byte-feed';

/** Bytes of a part that are copied at once. */
const STEP_BYTES = 512 * 1024;

/** A part of a tensor along an axis. */
export interface JoinedPart {
  readonly values: ByteStream;
  /** Bytes that lie side by side: from the axis that was cut on. */
  readonly rowBytes: number;
}

/** Parts along an axis as one tensor: a row of each in turn. @param rows how many rows each part has */
export function joinedStream(parts: readonly JoinedPart[], rows: number): ByteStream {
  return {
    byteLength: parts.reduce((sum, { rowBytes }) => sum + rowBytes, 0) * rows,
    async *chunks(signal) {
      const feeds = parts.map(({ values, rowBytes }) => ({ feed: streamFeed(copied(values)).open(signal), rowBytes }));
      try {
        for (let row = 0; row < rows; row++) {
          for (const { feed, rowBytes } of feeds) {
            for (let done = 0; done < rowBytes; done += STEP_BYTES) {
              const piece = new Uint8Array(Math.min(STEP_BYTES, rowBytes - done));
              await feed.fill(piece);
              yield piece;
            }
          }
        }
      } finally {
        await Promise.all(feeds.map(({ feed }) => feed.close()));
      }
    },
  };
}

/** Chunks that stay valid while another stream runs: kernels' memory moves when it grows. */
function copied(stream: ByteStream): ByteStream {
  return {
    byteLength: stream.byteLength,
    async *chunks(signal) {
      for await (const chunk of stream.chunks(signal)) yield Uint8Array.from(chunk);
    },
  };
}
