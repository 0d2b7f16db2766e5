import { describeRuns, freshProcess, median, peak, type Measured } from './child';
import { largeModel } from './large-model';
import { pythonPeer, ROUNDS, WITHOUT_PEER } from './peers';

/** Stated limits: 5 times the speed of NumPy, 200 MB. */
const FASTER_THAN_PEER = 5;
const MEGABYTES = 200;

/** Statistics of all weights of a file of 1.8 GB, histograms included, against NumPy: alternating fresh processes. */
export default async function statistics(report: (line: string) => void): Promise<void> {
  const source = await largeModel();
  const ours = await freshProcess('statistics');
  const numpy = pythonPeer('weight_statistics');
  const runs: Record<'ours' | 'peer', Measured[]> = { ours: [], peer: [] };
  ours(source);
  for (let round = 0; round < ROUNDS; round++) {
    runs.ours.push(ours(source));
    if (numpy !== null) runs.peer.push(numpy(source));
  }
  report(describeRuns('edgewise', runs.ours));
  report(`peak memory: ${peak(runs.ours).toFixed(0)} MB (limit ${MEGABYTES})`);
  if (runs.peer.length === 0) {
    report(WITHOUT_PEER);
    return;
  }
  const loading = median(runs.peer, (run) => run.facts['loading'] ?? 0);
  report(`${describeRuns('NumPy', runs.peer)}, of which loading ${(loading / 1000).toFixed(2)} s`);
  const all = median(runs.peer) / median(runs.ours);
  const computing = (median(runs.peer) - loading) / median(runs.ours);
  report(
    `faster than NumPy: ${all.toFixed(1)} times (wanted ${FASTER_THAN_PEER}), ${computing.toFixed(1)} without its loading`,
  );
  report(agreement(runs.ours[0], runs.peer[0]));
}

function agreement(ours: Measured | undefined, peer: Measured | undefined): string {
  const figures = ['layers', 'values', 'deviations', 'middle'];
  const compared = figures.map((name) => `${name} ${ours?.facts[name] ?? '-'} / ${peer?.facts[name] ?? '-'}`);
  return `sums of figures, ours / NumPy: ${compared.join(', ')}`;
}
