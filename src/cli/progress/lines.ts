import type { CliProgress } from '../command';
import type { ProgressView } from './index';
import { stepText } from './step-text';

/** At most one line in this time, so that a log stays readable. */
const BETWEEN_LINES_MS = 1000;

/** Progress as plain lines: what begins, and now and then how far it is. */
export function progressLines(stream: Pick<NodeJS.WriteStream, 'write'>, now = () => performance.now()): ProgressView {
  let written = -Infinity;
  let last = '';
  return {
    update(step: CliProgress) {
      if (now() - written < BETWEEN_LINES_MS) return;
      const counted = stepText(step);
      const line = [counted === '' ? step.stage : `${step.stage}: ${counted}`, step.note].filter(Boolean).join(', ');
      if (line === last) return;
      written = now();
      last = line;
      stream.write(`${line}\n`);
    },
    clear: () => undefined,
  };
}
