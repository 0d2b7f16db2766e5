import type { CliProgress } from '../command';
import { progressBar } from './bar';
import { progressLines } from './lines';

/** Shows long work on standard error, out of the answer's way. */
export interface ProgressView {
  update(step: CliProgress): void;
  /** Takes away what is not final, so that other text can be written. */
  clear(): void;
}

/** A bar where a person is watching, plain lines in a log. */
export function createProgress(stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? progressBar(stream) : progressLines(stream);
}
