import { arch, cpus } from 'node:os';
import { int8Probe, PROBE, PROBE_ANSWER } from './int8-probe';
import { openSession } from './session';

/** The processor's name as its maker gives it; the architecture where the system does not tell. */
export function processorName(): string {
  return cpus()[0]?.model.replace(/\s+/g, ' ').trim() || arch();
}

let answer: Promise<boolean> | undefined;

/**
 * Whether int8 weights should keep to 7 bits here. On x86 without VNNI, products of unsigned and signed bytes are added
 * in pairs in 16 bits, which saturates: the same file is less accurate there. Found out by multiplying, once a process.
 */
export function needsReducedRange(): Promise<boolean> {
  answer ??= saturates();
  return answer;
}

async function saturates(): Promise<boolean> {
  const { rows, shared, activation } = PROBE;
  const session = await openSession(int8Probe(), { threads: 1, name: 'the int8 probe' });
  try {
    const a = { dtype: 'uint8', shape: [rows, shared], data: new Uint8Array(rows * shared).fill(activation) } as const;
    const { y } = await session.run({ a });
    return y === undefined || Array.from(y.data, Number).some((value) => value !== PROBE_ANSWER);
  } finally {
    await session.close();
  }
}
