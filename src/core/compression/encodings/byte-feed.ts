import { EdgewiseError } from '../../errors';
import { weightBytes, type WeightReader } from '../../formats/weight-reader';
import type { ByteStream, Weight } from '../../model/model';

/** Stored bytes from the first to the last, put where the caller wants them. */
export interface ByteFeed {
  /** Fills `target` with the bytes that follow. */
  fill(target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Bytes that can be gone through any number of times. */
export interface FeedSource {
  readonly byteLength: number;
  open(signal?: AbortSignal): ByteFeed;
}

/** A weight's bytes, read from its file without a copy in between. */
export function weightFeed(reader: WeightReader, weight: Weight): FeedSource {
  // Ranges of a stream would run it from its start for each.
  if (weight.data.kind === 'stream') return streamFeed(weight.data.stream);
  return {
    byteLength: weightBytes(weight),
    open: () => {
      let offset = 0;
      return {
        fill: async (target) => {
          const begin = offset;
          offset += target.byteLength;
          await reader.read(weight, begin, target.byteLength, target);
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

/** A stream's bytes, cut anew. */
export function streamFeed(stream: ByteStream): FeedSource {
  return {
    byteLength: stream.byteLength,
    open: (signal) => new StreamFeed(stream.chunks(signal)[Symbol.asyncIterator]()),
  };
}

class StreamFeed implements ByteFeed {
  private rest: Uint8Array = new Uint8Array(0);
  /** Fills run one after the other, also when they are asked for at once. */
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly chunks: AsyncIterator<Uint8Array>) {}

  fill(target: Uint8Array): Promise<void> {
    this.last = this.last.then(() => this.copy(target));
    return this.last;
  }

  private async copy(target: Uint8Array): Promise<void> {
    for (let done = 0; done < target.byteLength;) {
      if (this.rest.byteLength === 0) this.rest = await this.next();
      const part = this.rest.subarray(0, target.byteLength - done);
      target.set(part, done);
      done += part.byteLength;
      this.rest = this.rest.subarray(part.byteLength);
    }
  }

  private async next(): Promise<Uint8Array> {
    const { done, value } = await this.chunks.next();
    if (done) throw new EdgewiseError('internal', 'A stream of weights ended before its length.');
    return value;
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}
