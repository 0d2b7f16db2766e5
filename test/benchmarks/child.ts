import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** What a fresh process measured of its own work. */
export interface Measured {
  /** Of the work alone: starting the process and loading modules is not in it. */
  readonly ms: number;
  /** Peak resident memory of the whole process, in MB (10^6 bytes). */
  readonly megabytes: number;
  /** What else it tells. */
  readonly facts: Readonly<Record<string, number>>;
}

const checkout = path.resolve(__dirname, '../..');
const bundles = path.join(checkout, 'out/benchmarks/entries');

/** Bundles `entries/NAME.ts` and gives what runs it in a process of its own, so that peak memory is its own as well. */
export async function freshProcess(name: string): Promise<(...args: string[]) => Measured> {
  const outfile = path.join(bundles, `${name}.js`);
  await build({
    entryPoints: [path.join(checkout, 'test/benchmarks/entries', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
    logLevel: 'warning',
  });
  return (...args) => parseMeasured(execFileSync(process.execPath, [outfile, ...args], { encoding: 'utf8' }));
}

/** A line of JSON with `ms`, `megabytes` and other numbers. */
export function parseMeasured(output: string): Measured {
  const { ms, megabytes, ...facts } = JSON.parse(output) as Record<string, number>;
  if (ms === undefined || megabytes === undefined) throw new Error(`Not a measurement: ${output}`);
  return { ms, megabytes, facts };
}

/** The middle of some runs. */
export function median(runs: readonly Measured[], of: (run: Measured) => number = (run) => run.ms): number {
  const sorted = runs.map(of).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('Nothing was measured.');
  return middle;
}

export const peak = (runs: readonly Measured[]): number => Math.max(...runs.map((run) => run.megabytes));
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** "ours 1.20 s, 134 MB (3 runs: 1.18 to 1.31 s)" */
export function describeRuns(name: string, runs: readonly Measured[]): string {
  const times = runs.map((run) => run.ms);
  const spread = `${seconds(Math.min(...times))} to ${seconds(Math.max(...times))}`;
  return `${name}: ${seconds(median(runs))}, ${peak(runs).toFixed(0)} MB (${runs.length} runs, ${spread})`;
}
