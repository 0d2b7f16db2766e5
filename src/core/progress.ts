import { EdgewiseError } from './errors';

/** One step of long work, in words ("Calibrating") and in countable units, so that time left can be told. */
export interface Progress {
  /** What is happening, as a verb phrase in sentence case: "Calibrating", "Writing digits.int8.onnx". */
  stage: string;
  /** Units done so far; never decreases within a stage. */
  done: number;
  /** Units in the stage; null while it is not known. */
  total: number | null;
  unit: 'bytes' | 'images' | 'layers' | 'runs' | 'steps';
}

/** What long work gets from its caller: where to report to, and when to stop. */
export interface JobContext {
  readonly signal: AbortSignal;
  progress(step: Progress): void;
}

/** A context that reports nothing and is never cancelled. */
export function quietContext(): JobContext {
  return { signal: new AbortController().signal, progress: () => undefined };
}

/** Throws an error of kind `cancelled` once the signal is aborted. Call it between units of work. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new EdgewiseError('cancelled', 'Cancelled. Nothing was written.');
}

/** Lets messages (a cancel, a timer) be handled between synchronous stretches of work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
