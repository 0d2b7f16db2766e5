import type { Kernels, Region } from '../../kernels';
import type { Span } from '../../kernels/kernels';
import { breathe, throwIfCancelled } from '../../progress';
import type { ByteFeed, FeedSource } from './byte-feed';

/**
 * Elements a step: 2 MiB of float32 come from the disk as fast as larger steps, and are still in the processor's cache
 * when the second kernel goes over them. A multiple of 8, so that packed codes end on a byte.
 */
const STEP_ELEMENTS = 512 * 1024;

/** A tensor of up to this many bytes as float32 stays in memory while it is gone through twice. */
const KEEP_BYTES = 64 * 1024 * 1024;

/** Turns stored bytes in the kernels' memory into float32. */
export interface ChunkDecoder {
  readonly bitsPerElement: number;
  /** Null when the stored bytes are the values. */
  readonly decode: ((stored: Span, output: number) => void) | null;
  close(): void;
}

/**
 * A weight's real values as float32 in the kernels' memory, step by step, however it is stored. The next step is read
 * while one is worked on. Close it when done.
 */
export class RealValues {
  private kept: Region | null = null;
  private complete = false;

  constructor(
    private readonly kernels: Kernels,
    readonly elements: number,
    private readonly source: FeedSource,
    private readonly openDecoder: (signal?: AbortSignal) => Promise<ChunkDecoder>,
  ) {}

  /** Asks that values stay in memory for going through them again, where they are few enough. */
  keep(): void {
    if (this.kept === null && this.elements * 4 <= KEEP_BYTES) this.kept = this.kernels.take(this.elements * 4);
  }

  /** All values, in order. A span is valid until the next is asked for. */
  async *spans(signal?: AbortSignal): AsyncGenerator<Span> {
    if (this.kept !== null && this.complete) {
      yield* this.keptSpans(this.kept, signal);
      return;
    }
    const decoder = await this.openDecoder(signal);
    try {
      if (decoder.decode === null) yield* this.readSpans(this.kept, 4, signal);
      else yield* this.decodedSpans(decoder, decoder.decode, signal);
      this.complete = true;
    } finally {
      decoder.close();
    }
  }

  close(): void {
    if (this.kept !== null) this.kernels.give(this.kept);
    this.kept = null;
    this.complete = false;
  }

  private async *keptSpans(kept: Region, signal?: AbortSignal): AsyncGenerator<Span> {
    for (const { first, count } of steps(this.elements)) {
      if (signal) throwIfCancelled(signal);
      yield { address: kept.address + first * 4, first, count };
      await breathe();
    }
  }

  private async *decodedSpans(
    decoder: ChunkDecoder,
    decode: (stored: Span, output: number) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<Span> {
    const output = this.kept ?? this.kernels.take(Math.min(STEP_ELEMENTS, this.elements) * 4);
    try {
      for await (const stored of this.readSpans(null, decoder.bitsPerElement / 8, signal)) {
        const address = output.address + (this.kept === null ? 0 : stored.first * 4);
        decode(stored, address);
        yield { address, first: stored.first, count: stored.count };
      }
    } finally {
      if (output !== this.kept) this.kernels.give(output);
    }
  }

  /** Stored bytes, into `whole` where it is given, else into two buffers in turn. */
  private async *readSpans(whole: Region | null, bytesPerElement: number, signal?: AbortSignal): AsyncGenerator<Span> {
    const bytes = Math.min(STEP_ELEMENTS, this.elements) * bytesPerElement;
    const buffers = whole === null ? [this.kernels.take(Math.ceil(bytes)), this.kernels.take(Math.ceil(bytes))] : [];
    const feed = this.source.open(signal);
    const pending: Promise<Span>[] = [];
    try {
      let index = 0;
      for (const step of steps(this.elements)) {
        if (signal) throwIfCancelled(signal);
        const region = whole ?? buffers[index++ % 2];
        if (region === undefined) return;
        pending.push(fillStep(feed, region, whole === null ? 0 : step.first * bytesPerElement, step, bytesPerElement));
        if (pending.length === 2) yield await next(pending);
      }
      while (pending.length > 0) yield await next(pending);
    } finally {
      // A read under way still writes into its buffer.
      await Promise.allSettled(pending);
      await feed.close();
      buffers.forEach((buffer) => {
        this.kernels.give(buffer);
      });
    }
  }
}

interface Step {
  readonly first: number;
  readonly count: number;
}

function* steps(elements: number): Generator<Step> {
  for (let first = 0; first < elements; first += STEP_ELEMENTS) {
    yield { first, count: Math.min(STEP_ELEMENTS, elements - first) };
  }
}

function fillStep(feed: ByteFeed, region: Region, at: number, step: Step, bytesPerElement: number): Promise<Span> {
  const length = Math.ceil(step.count * bytesPerElement);
  const filled = feed
    .fill(region.bytes.subarray(at, at + length))
    .then(() => ({ address: region.address + at, first: step.first, count: step.count }));
  // A failure is told where the step is awaited, which may be later.
  filled.catch(() => undefined);
  return filled;
}

async function next(pending: Promise<Span>[]): Promise<Span> {
  const [first] = pending;
  if (first === undefined) throw new RangeError('No step is being read.');
  const span = await first;
  pending.shift();
  return span;
}
