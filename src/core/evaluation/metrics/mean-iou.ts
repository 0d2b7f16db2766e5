import { badData, shapeText } from '../data/complaint';
import type { Estimate } from '../estimates';
import type { Metric, MetricSubject, OutputValues } from './metric';

/** What PASCAL VOC and Cityscapes mark pixels with that count for nobody. */
const IGNORED = 255;

/**
 * Mean over classes of intersection / union of pixels, summed over the set (PASCAL VOC; classes that appear nowhere are
 * left out, pixels marked 255 are ignored). For outputs `[batch, classes, height, width]` with targets of class numbers
 * `[samples, height, width]`.
 */
export const meanIou: Metric = {
  name: 'mean IoU',
  headline: 'mean-iou',
  unit: 'share',
  better: 'higher',
  open(subject) {
    const name = segmentedOutput(subject);
    if (name === null) return null;
    const counts = new PixelCounts();
    const { set } = subject;
    let samples = 0;
    return {
      add({ outputs, targets, positions }) {
        const output = outputs[name];
        const target = targets[name];
        if (output !== undefined && target !== undefined) {
          checkPlanes(name, output, target, set.source);
          for (let index = 0; index < positions.length; index++) counts.add(output, target, index);
        }
        samples += positions.length;
      },
      estimate: (): Estimate => ({ value: counts.meanIou(), interval: null }),
      get samples() {
        return samples;
      },
      scores: null,
    };
  },
};

/** Whether targets are maps of class numbers for an output that has a plane of scores for each class. */
export function isSegmentation(subject: MetricSubject): boolean {
  return segmentedOutput(subject) !== null;
}

function segmentedOutput({ outputs, set }: MetricSubject): string | null {
  const found = outputs.find(({ name, shape }) => {
    const target = set.targets?.shapeOf(name)?.filter((size) => size !== 1);
    return shape?.length === 4 && target !== undefined && target.length === 2 && shape[1] !== 1;
  });
  return found?.name ?? null;
}

function checkPlanes(
  name: string,
  { shape: [classes = 0, ...plane], size }: OutputValues,
  target: OutputValues,
  source: string,
): void {
  if (classes * target.size === size) return;
  throw badData(
    source,
    `"${source}" has maps of ${shapeText(target.shape)} for the output ${name}, which gives maps of ${shapeText(plane)}. Save them in that size.`,
  );
}

class PixelCounts {
  private readonly both = new Map<number, number>();
  private readonly answered = new Map<number, number>();
  private readonly marked = new Map<number, number>();

  add(output: OutputValues, target: OutputValues, index: number): void {
    const pixels = target.size;
    const classes = output.size / pixels;
    const scores = index * output.size;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const label = target.values[index * pixels + pixel] ?? IGNORED;
      if (label === IGNORED) continue;
      let answer = 0;
      for (let one = 1; one < classes; one++) {
        if (
          (output.values[scores + one * pixels + pixel] ?? 0) > (output.values[scores + answer * pixels + pixel] ?? 0)
        )
          answer = one;
      }
      count(this.marked, label);
      count(this.answered, answer);
      if (answer === label) count(this.both, label);
    }
  }

  meanIou(): number | null {
    const classes = new Set([...this.marked.keys(), ...this.answered.keys()]);
    let sum = 0;
    for (const one of classes) {
      const both = this.both.get(one) ?? 0;
      sum += both / ((this.marked.get(one) ?? 0) + (this.answered.get(one) ?? 0) - both);
    }
    return classes.size === 0 ? null : sum / classes.size;
  }
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
