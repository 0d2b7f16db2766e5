import type { Command } from 'commander';
import type { JobContext } from '../core/progress';

/** What a command gets from the process around it. */
export interface CliContext {
  readonly job: JobContext;
  /** The answer, to standard output. */
  print(text: string): void;
  /** A remark, to standard error. */
  say(text: string): void;
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
