import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseMeasured, type Measured } from './child';

/** Rounds of alternating runs; EDGEWISE_BENCHMARK_ROUNDS asks for another number. */
export const ROUNDS = Number(process.env['EDGEWISE_BENCHMARK_ROUNDS'] ?? 3);

/**
 * Runs `python/NAME.py` with the interpreter that EDGEWISE_PEER_PYTHON names; null where none is named. The script
 * prints one line of JSON, as our own processes do.
 */
export function pythonPeer(name: string): ((...args: string[]) => Measured) | null {
  const python = process.env['EDGEWISE_PEER_PYTHON'];
  if (python === undefined) return null;
  const script = path.resolve(__dirname, '../../test/benchmarks/python', `${name}.py`);
  // Settings that tell NumPy's libraries which processor to expect would slow them down.
  const { OPENBLAS_CORETYPE: _, ...environment } = process.env;
  return (...args) =>
    parseMeasured(execFileSync(python, [script, ...args], { encoding: 'utf8', env: environment, stdio: STDIO }));
}

/** Python's warnings are not part of the answer. */
const STDIO: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];

export const WITHOUT_PEER = 'Set EDGEWISE_PEER_PYTHON to a Python with onnx, onnxruntime and numpy for the comparison.';
