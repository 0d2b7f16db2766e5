/** Exit codes that a shell expects of a process that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code once a signal came; null before. */
  exitCode(): number | null;
  release(): void;
}

/** Ctrl+C cancels the work, which cleans up after itself; a second one ends the process at once. */
export function cancelOnSignals(): Interrupt {
  const controller = new AbortController();
  let code: number | null = null;
  const handlers = Object.entries(SIGNALS).map(([name, exitCode]) => ({
    name,
    handler: () => {
      if (code !== null) process.exit(exitCode);
      code = exitCode;
      controller.abort();
    },
  }));
  for (const { name, handler } of handlers) process.on(name, handler);
  return {
    signal: controller.signal,
    exitCode: () => code,
    release: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
