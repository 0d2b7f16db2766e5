import { describeRuns, freshProcess, median, peak, type Measured } from './child';
import { largeModel } from './large-model';
import { pythonPeer, ROUNDS, WITHOUT_PEER } from './peers';

/** What a person still takes for at once, and what the editor's process can spare. */
const MILLISECONDS = 500;
const MEGABYTES = 200;

/** Opening a file of 1.8 GB until its structure is ready, against Python's reader: alternating fresh processes. */
export default async function openLarge(report: (line: string) => void): Promise<void> {
  const model = await largeModel();
  const ours = await freshProcess('open-model');
  const python = pythonPeer('open_model');
  const runs: Record<'ours' | 'peer', Measured[]> = { ours: [], peer: [] };
  for (let round = 0; round < ROUNDS; round++) {
    runs.ours.push(ours(model));
    if (python !== null) runs.peer.push(python(model));
  }
  report(describeRuns('edgewise', runs.ours));
  report(`structure ready: ${median(runs.ours).toFixed(0)} ms (limit ${MILLISECONDS})`);
  report(`peak memory: ${peak(runs.ours).toFixed(0)} MB (limit ${MEGABYTES})`);
  if (runs.peer.length === 0) {
    report(WITHOUT_PEER);
    return;
  }
  report(describeRuns('onnx.load', runs.peer));
  const faster = median(runs.peer) / median(runs.ours);
  const smaller = peak(runs.peer) / peak(runs.ours);
  report(`than onnx.load: ${faster.toFixed(0)} times as fast, ${smaller.toFixed(0)} times less memory`);
  report(`found, ours / onnx.load: ${found(runs.ours[0])} / ${found(runs.peer[0])}`);
}

function found(run: Measured | undefined): string {
  return `${run?.facts['nodes'] ?? '-'} nodes and ${run?.facts['weights'] ?? '-'} weights`;
}
