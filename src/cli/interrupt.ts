import type { InterruptAnswer } from './command';

/** Exit codes that a shell expects of a process that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code once a signal came; null before. */
  exitCode(): number | null;
  /** What Ctrl+C does first; without, it cancels. */
  answer(by: InterruptAnswer): void;
  /** What there is to say of a cancel beside that it was one; null for nothing. */
  remark(): string | null;
  release(): void;
}

/**
 * Ctrl+C cancels the work, which cleans up after itself; another one ends the process at once. Work that can stop
 * earlier with a result is asked to by the first.
 * @param say gets the sentence that such work answers with
 */
export function cancelOnSignals(say: (text: string) => void): Interrupt {
  const controller = new AbortController();
  let code: number | null = null;
  let answer: InterruptAnswer | null = null;
  let asked = false;
  const handlers = Object.entries(SIGNALS).map(([name, exitCode]) => ({
    name,
    handler: () => {
      if (code !== null) process.exit(exitCode);
      const sentence = name === 'SIGINT' && !asked ? (answer?.first() ?? null) : null;
      if (sentence !== null) {
        asked = true;
        say(sentence);
        return;
      }
      code = exitCode;
      controller.abort();
    },
  }));
  for (const { name, handler } of handlers) process.on(name, handler);
  return {
    signal: controller.signal,
    exitCode: () => code,
    answer: (by) => (answer = by),
    remark: () => answer?.cancelled() ?? null,
    release: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
