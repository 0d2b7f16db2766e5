import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Longest time to wait for a system tool's answer; without it all logical processors are used. */
const TOOL_TIMEOUT_MS = 5000;

let known: number | undefined;

/**
 * Physical cores this process may use: ONNX Runtime is fastest with one thread each, since two threads of one core
 * share its vector units. Falls back to logical processors where the system does not tell.
 */
export function defaultThreads(): number {
  known ??= Math.max(1, Math.min(availableParallelism(), physicalCores() ?? Infinity));
  return known;
}

function physicalCores(): number | null {
  try {
    if (process.platform === 'linux') return coresOfCpuinfo(readFileSync('/proc/cpuinfo', 'utf8'));
    if (process.platform === 'darwin') return countFrom('sysctl', ['-n', 'hw.physicalcpu']);
    if (process.platform === 'win32') {
      const query = '(Get-CimInstance Win32_Processor | Measure-Object -Property NumberOfCores -Sum).Sum';
      return countFrom('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query]);
    }
  } catch {
    return null;
  }
  return null;
}

function countFrom(command: string, parameters: readonly string[]): number | null {
  const count = Number.parseInt(execFileSync(command, parameters, { encoding: 'utf8', timeout: TOOL_TIMEOUT_MS }), 10);
  return count > 0 ? count : null;
}

/** Distinct (socket, core) pairs of Linux's `/proc/cpuinfo`; null where it does not name them (most ARM kernels). */
export function coresOfCpuinfo(text: string): number | null {
  const cores = new Set<string>();
  for (const processor of text.split('\n\n')) {
    const socket = /^physical id\s*:\s*(\d+)/m.exec(processor)?.[1] ?? '0';
    const core = /^core id\s*:\s*(\d+)/m.exec(processor)?.[1];
    if (core !== undefined) cores.add(`${socket}:${core}`);
  }
  return cores.size > 0 ? cores.size : null;
}
