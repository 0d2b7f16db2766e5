import type { ByteStream } from '../../model/model';
import { streamFeed } from './byte-feed';

/** Elements that are put together at once. */
const WINDOW = 256 * 1024;
const FLOAT_BYTES = 4;

/**
 * Values at the running sum of steps (`step-counts.ts`), zeros elsewhere, float32. Those at fillers are left out; those
 * that step by nothing are the one before once more. Values behind the end are left out.
 * @param steps one code a byte. @param values float32, one for each step.
 */
export function steppedStream(steps: ByteStream, bits: number, values: ByteStream, elements: number): ByteStream {
  return {
    byteLength: elements * FLOAT_BYTES,
    async *chunks(signal) {
      const filler = 2 ** bits - 1;
      const feed = streamFeed(values).open(signal);
      let begin = 0;
      let window = new Float32Array(Math.min(WINDOW, elements));
      let position = 0;
      try {
        for await (const chunk of steps.chunks(signal)) {
          const bytes = new Uint8Array(chunk.length * FLOAT_BYTES);
          await feed.fill(bytes);
          const view = new DataView(bytes.buffer);
          for (let entry = 0; entry < chunk.length; entry++) {
            const step = chunk[entry] ?? 0;
            position += Math.min(step, filler - 1);
            while (position >= begin + window.length && begin + window.length < elements) {
              yield bytesOf(window);
              begin += window.length;
              window = new Float32Array(Math.min(WINDOW, elements - begin));
            }
            if (step < filler) window[position - begin] = view.getFloat32(entry * FLOAT_BYTES, true);
          }
        }
        for (; begin < elements; window = new Float32Array(Math.min(WINDOW, elements - begin))) {
          yield bytesOf(window);
          begin += window.length;
        }
      } finally {
        await feed.close();
      }
    },
  };
}

function bytesOf(window: Float32Array): Uint8Array {
  return new Uint8Array(window.buffer, window.byteOffset, window.byteLength);
}
