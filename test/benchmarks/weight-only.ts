import { rm } from 'node:fs/promises';
import { describeRuns, freshProcess, median, peak, type Measured } from './child';
import { largeModel } from './large-model';
import { pythonPeer, ROUNDS, WITHOUT_PEER } from './peers';

/** Stated limits: 10 times the speed of the Python tool, 4 times the time of a copy, 300 MB. */
const FASTER_THAN_PEER = 10;
const COPIES = 4;
const MEGABYTES = 300;

/**
 * Weight-only int8 per channel of a file of 1.8 GB against copying it and against `quantize_dynamic`: alternating fresh
 * processes on the same storage, warm cache, each synced.
 */
export default async function weightOnly(report: (line: string) => void): Promise<void> {
  const source = await largeModel();
  const targets = { ours: `${source}.int8.onnx`, copy: `${source}.copy`, peer: `${source}.dynamic.onnx` };
  const [quantize, copy] = [await freshProcess('quantize-weights'), await freshProcess('copy-file')];
  const dynamic = pythonPeer('quantize_dynamic');
  const runs: Record<keyof typeof targets, Measured[]> = { ours: [], copy: [], peer: [] };
  try {
    copy(source, targets.copy);
    for (let round = 0; round < ROUNDS; round++) {
      runs.ours.push(quantize(source, targets.ours));
      runs.copy.push(copy(source, targets.copy));
      if (dynamic !== null) runs.peer.push(dynamic(source, targets.peer));
    }
  } finally {
    for (const target of Object.values(targets)) await rm(target, { force: true });
  }
  report(describeRuns('edgewise, int8 weights per channel, activations stay float32', runs.ours));
  report(describeRuns('copy with sync', runs.copy));
  const copies = median(runs.ours) / median(runs.copy);
  report(`time of a copy: ${copies.toFixed(2)} times (limit ${COPIES})`);
  report(`peak memory: ${peak(runs.ours).toFixed(0)} MB (limit ${MEGABYTES})`);
  if (runs.peer.length === 0) {
    report(WITHOUT_PEER);
    return;
  }
  report(describeRuns('quantize_dynamic, int8 weights per channel, also rewrites activations', runs.peer));
  const faster = median(runs.peer) / median(runs.ours);
  report(`faster than quantize_dynamic: ${faster.toFixed(1)} times (wanted ${FASTER_THAN_PEER})`);
}
