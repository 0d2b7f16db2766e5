import type { CurvePoint, TrainingCurves } from './plan';

/** Points of a curve that are worth keeping: more than this cannot be seen. */
const MOST_POINTS = 2000;

/** Curves while they grow: when one has too many points, neighbours are put together. */
export class GrowingCurves {
  private loss: CurvePoint[];
  private rate: CurvePoint[];
  private readonly selection: CurvePoint[];
  private stride: number;
  private sum = 0;
  private count = 0;

  constructor(saved?: SavedCurves) {
    this.loss = [...(saved?.loss ?? [])];
    this.rate = [...(saved?.rate ?? [])];
    this.selection = [...(saved?.selection ?? [])];
    this.stride = saved?.stride ?? 1;
    this.sum = saved?.sum ?? 0;
    this.count = saved?.count ?? 0;
  }

  stepped(step: number, loss: number, rate: number): void {
    this.sum += loss;
    this.count += 1;
    if (this.count < this.stride) return;
    this.loss.push({ step, value: this.sum / this.count });
    this.rate.push({ step, value: rate });
    [this.sum, this.count] = [0, 0];
    if (this.loss.length > MOST_POINTS) this.halve();
  }

  evaluated(step: number, value: number): void {
    this.selection.push({ step, value });
  }

  get curves(): TrainingCurves {
    return { loss: this.loss, rate: this.rate, selection: this.selection };
  }

  save(): SavedCurves {
    return { ...this.curves, stride: this.stride, sum: this.sum, count: this.count };
  }

  private halve(): void {
    const kept = (_: CurvePoint, index: number): boolean => index % 2 === 1;
    this.loss = this.loss
      .map((point, index, all) => ({ ...point, value: (point.value + (all[index - 1]?.value ?? point.value)) / 2 }))
      .filter(kept);
    this.rate = this.rate.filter(kept);
    this.stride *= 2;
  }
}

export interface SavedCurves extends TrainingCurves {
  readonly stride: number;
  readonly sum: number;
  readonly count: number;
}
