import { rm } from 'node:fs/promises';
import { describeRuns, freshProcess, median, peak, type Measured } from './child';
import { largeModel } from './large-model';
import { pythonPeer, ROUNDS, WITHOUT_PEER } from './peers';

interface Case {
  /** As the entry `encode-weights` calls it. */
  readonly step: string;
  readonly title: string;
  /** Stated limit for its memory, in MB. */
  readonly megabytes: number;
  /** The Python tool's script, and how much faster we want to be. */
  readonly peer: { readonly script: string; readonly title: string; readonly wanted: number } | null;
  /** Limit as times of a synced copy; null where a peer is the measure. */
  readonly copies: number | null;
}

const CASES: readonly Case[] = [
  {
    step: 'int8',
    title: 'int8 a channel, activations stay float32',
    megabytes: 300,
    peer: { script: 'quantize_dynamic', title: 'quantize_dynamic, which also rewrites activations', wanted: 10 },
    copies: 4,
  },
  {
    step: 'int4',
    title: '4-bit codes in blocks of 32',
    megabytes: 400,
    peer: { script: 'int4_blocks', title: 'MatMulNBitsQuantizer', wanted: 4 },
    copies: null,
  },
  {
    step: 'float16',
    title: 'float16',
    megabytes: 400,
    peer: { script: 'convert_float16', title: 'convert_float_to_float16', wanted: 10 },
    copies: null,
  },
  { step: 'palette4', title: '4-bit palette, k-means', megabytes: 400, peer: null, copies: 8 },
];

/**
 * Weights of a file of 1.8 GB as int8, 4-bit blocks, float16 and 4-bit palettes, against copying the file and against
 * the Python tools: alternating fresh processes on the same storage, warm cache, each synced.
 */
export default async function weightEncodings(report: (line: string) => void): Promise<void> {
  const source = await largeModel();
  const [encode, copy] = [await freshProcess('encode-weights'), await freshProcess('copy-file')];
  for (const one of CASES) await measured(one, source, { encode, copy }, report);
}

type Runner = (...args: string[]) => Measured;

async function measured(
  { step, title, megabytes, peer, copies }: Case,
  source: string,
  { encode, copy }: { encode: Runner; copy: Runner },
  report: (line: string) => void,
): Promise<void> {
  const targets = { ours: `${source}.ours.onnx`, copy: `${source}.copy`, peer: `${source}.peer.onnx` };
  const python = peer && pythonPeer(peer.script);
  const runs: Record<keyof typeof targets, Measured[]> = { ours: [], copy: [], peer: [] };
  try {
    copy(source, targets.copy);
    for (let round = 0; round < ROUNDS; round++) {
      runs.ours.push(encode(source, targets.ours, step));
      runs.copy.push(copy(source, targets.copy));
      if (python) runs.peer.push(python(source, targets.peer));
    }
  } finally {
    for (const target of Object.values(targets)) await rm(target, { force: true });
  }
  report(describeRuns(`edgewise, ${title}`, runs.ours));
  report(`  ${((runs.ours[0]?.facts['bytes'] ?? 0) / 1e6).toFixed(0)} MB`);
  report(`  peak memory: ${peak(runs.ours).toFixed(0)} MB (limit ${megabytes})`);
  const ratio = (median(runs.ours) / median(runs.copy)).toFixed(2);
  report(`  time of a copy with sync: ${ratio} times${copies === null ? '' : ` (limit ${copies})`}`);
  if (!peer) return;
  if (runs.peer.length === 0) return report(WITHOUT_PEER);
  report(describeRuns(`  ${peer.title}`, runs.peer));
  const faster = (median(runs.peer) / median(runs.ours)).toFixed(1);
  report(`  faster than ${peer.title}: ${faster} times (wanted ${peer.wanted})`);
}
