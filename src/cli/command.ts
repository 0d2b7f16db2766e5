import type { Command } from 'commander';
import type { JobContext, Progress } from '../core/progress';

/** Progress, and what a terminal shows beside it. */
export interface CliProgress extends Progress {
  readonly note?: string;
}

/** What Ctrl+C does instead of cancelling at once. */
export interface InterruptAnswer {
  /** Called for the first; gives the sentence to say, or null to be cancelled at once. The second cancels. */
  first(): string | null;
  /** What is said after a cancel. */
  cancelled(): string;
}

/** What a command gets from the process around it. */
export interface CliContext {
  readonly job: { readonly signal: AbortSignal; progress(step: CliProgress): void } & JobContext;
  /** The answer, to standard output. */
  print(text: string): void;
  /** A remark, to standard error. */
  say(text: string): void;
  /** Ctrl+C asks this first. */
  onInterrupt(answer: InterruptAnswer): void;
}

/** One verb of the command line. A new one is one file and one line in `commands/index.ts`. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** Declares arguments, options and examples. */
  declare(command: Command): void;
  /** @param options as parsed by commander; every command validates its own */
  run(words: readonly string[], options: unknown, context: CliContext): Promise<void>;
}
