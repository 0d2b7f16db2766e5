import type { LabelledBox } from '../data/data-set';
import { detectionReader, overlap, type Detection, type DetectionReader } from './detections';
import type { Metric, MetricRun, MetricSubject } from './metric';

// Average precision as COCO's evaluation computes it (pycocotools, COCOeval, boxes of all areas).

/** 0.5, 0.55 ... 0.95 */
const THRESHOLDS = Array.from({ length: 10 }, (_, step) => 0.5 + 0.05 * step);
const RECALLS = Array.from({ length: 101 }, (_, step) => step / 100);
/** Of one class on one picture; what comes behind counts for nothing. */
const MOST_DETECTIONS = 100;

/** Mean over classes and overlaps from 0.5 to 0.95 of the area under precision by recall. */
export const averagePrecision: Metric = {
  name: 'mAP 50-95',
  headline: 'average-precision',
  unit: 'share',
  better: 'higher',
  open: (subject) => precisionRun(subject, THRESHOLDS),
};

/** The same where an overlap of half is enough. */
export const averagePrecisionAtHalf: Metric = {
  name: 'mAP 50',
  headline: null,
  unit: 'share',
  better: 'higher',
  open: (subject) => precisionRun(subject, [0.5]),
};

function precisionRun(subject: MetricSubject, thresholds: readonly number[]): MetricRun | null {
  const { boxes } = subject.set;
  const found = boxes === undefined ? null : detectingOutput(subject);
  if (boxes === undefined || found === null) return null;
  const pictures: { found: Detection[]; boxes: readonly LabelledBox[] }[] = [];
  return {
    add({ outputs, positions }) {
      const output = outputs[found.name];
      for (const [index, position] of positions.entries()) {
        pictures.push({ found: output === undefined ? [] : found.read(output, index), boxes: boxes[position] ?? [] });
      }
    },
    estimate: () => ({ value: meanAveragePrecision(pictures, thresholds), interval: null }),
    get samples() {
      return pictures.length;
    },
    scores: null,
  };
}

function detectingOutput({ outputs, set }: MetricSubject): { name: string; read: DetectionReader } | null {
  const [input] = Object.values(set.inputs);
  const [first = 0, second = 0, third = 0] = input?.shape ?? [];
  const size = first === 1 || first === 3 ? { height: second, width: third } : { height: first, width: second };
  for (const { name, shape } of outputs) {
    const read = detectionReader(shape?.slice(1) ?? [], set.classNames?.length ?? 0, size);
    if (read !== null) return { name, read };
  }
  return null;
}

/** @returns null where no picture has a box */
export function meanAveragePrecision(
  pictures: readonly { readonly found: readonly Detection[]; readonly boxes: readonly LabelledBox[] }[],
  thresholds: readonly number[] = THRESHOLDS,
): number | null {
  const labels = new Set(
    pictures.flatMap(({ boxes }) => boxes.filter(({ crowd }) => !crowd).map(({ label }) => label)),
  );
  let sum = 0;
  for (const label of labels) {
    const ofLabel = pictures.map(({ found, boxes }) => ({
      found: found
        .filter((one) => one.label === label)
        .sort((one, other) => other.score - one.score)
        .slice(0, MOST_DETECTIONS),
      // Crowds last: a box of one object is the better match.
      boxes: boxes.filter((one) => one.label === label).sort((one, other) => Number(one.crowd) - Number(other.crowd)),
    }));
    for (const threshold of thresholds) sum += precisionOf(ofLabel, threshold);
  }
  return labels.size === 0 ? null : sum / (labels.size * thresholds.length);
}

/** Of one class at one overlap. */
function precisionOf(
  pictures: readonly { readonly found: readonly Detection[]; readonly boxes: readonly LabelledBox[] }[],
  threshold: number,
): number {
  const judged = pictures.flatMap(({ found, boxes }) => matched(found, boxes, threshold));
  judged.sort((one, other) => other.score - one.score);
  const wanted = pictures.reduce((sum, { boxes }) => sum + boxes.filter(({ crowd }) => !crowd).length, 0);
  let right = 0;
  const points = judged.map((one, at) => {
    right += Number(one.right);
    return { recall: right / wanted, precision: right / (at + 1) };
  });
  // Precision at a recall is the best at that recall or any higher one.
  for (let at = points.length - 2; at >= 0; at--) {
    const [here, next] = [points[at], points[at + 1]];
    if (here && next) here.precision = Math.max(here.precision, next.precision);
  }
  const sum = RECALLS.reduce(
    (total, recall) => total + (points.find((one) => one.recall >= recall)?.precision ?? 0),
    0,
  );
  return sum / RECALLS.length;
}

/** Each detection with the box that it overlaps most of those still free; those of crowds count for nothing. */
function matched(
  found: readonly Detection[],
  boxes: readonly LabelledBox[],
  threshold: number,
): { score: number; right: boolean }[] {
  const taken = new Set<LabelledBox>();
  return found.flatMap((one) => {
    let best: LabelledBox | null = null;
    let most = threshold;
    for (const box of boxes) {
      if (taken.has(box) && !box.crowd) continue;
      if (best !== null && !best.crowd && box.crowd) break;
      const share = overlap(one, box, box.crowd);
      if (share < most) continue;
      [best, most] = [box, share];
    }
    if (best !== null) taken.add(best);
    return best?.crowd ? [] : [{ score: one.score, right: best !== null }];
  });
}
