import { MOST_POINTS, type TrainingState } from '../../protocol/training';

type Curves = TrainingState['curves'];
type Curve = Curves['loss'];

/** Curves while they grow. Beyond what can be seen, two neighbours become one. */
export class LiveCurves {
  private loss: Curve;
  private selection: Curve;
  private rate: Curve;

  constructor(before?: Curves) {
    this.loss = [...(before?.loss ?? [])];
    this.selection = [...(before?.selection ?? [])];
    this.rate = [...(before?.rate ?? [])];
  }

  get all(): Curves {
    return { loss: this.loss, selection: this.selection, rate: this.rate };
  }

  /** Forgets what came at this step and after it: training goes on from a checkpoint that is older. */
  cutAt(step: number): void {
    const before = ([at]: Curve[number]): boolean => at < step;
    this.loss = this.loss.filter(before);
    this.selection = this.selection.filter(before);
    this.rate = this.rate.filter(before);
  }

  stepped(step: number, loss: number, rate: number): void {
    this.loss = thinned([...this.loss, [step, loss]], mean);
    this.rate = thinned([...this.rate, [step, rate]], ([, earlier], [at, later]) => [at, Math.max(earlier, later)]);
  }

  /** @param better keeps the better of two neighbours */
  evaluated(step: number, value: number, better: 'higher' | 'lower'): void {
    const pick = better === 'higher' ? Math.max : Math.min;
    this.selection = thinned([...this.selection, [step, value]], ([, a], [at, b]) => [at, pick(a, b)]);
  }
}

type Merge = (earlier: Curve[number], later: Curve[number]) => Curve[number];

const mean: Merge = ([, earlier], [step, later]) => [step, (earlier + later) / 2];

function thinned(curve: Curve, merge: Merge): Curve {
  if (curve.length <= MOST_POINTS) return curve;
  return curve.flatMap((point, index) => {
    const earlier = curve[index - 1];
    if (index === curve.length - 1 && index % 2 === 0) return [point];
    return index % 2 === 1 && earlier ? [merge(earlier, point)] : [];
  });
}
