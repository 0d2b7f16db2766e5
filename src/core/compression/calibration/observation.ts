import type { Tensor } from '../../runtime/tensor';
import { ValueHistogram, type Counting } from './histogram';
import type { RangeChoice, RangeMethod } from './methods/method';
import type { ObservedModel, RangeOutputs } from './observed-graph';
import { EMPTY_RANGE, hasBounds, type Range } from './range';

type Outputs = Readonly<Record<string, Tensor>>;

/** What calibration has seen of some values so far: a range, or a distribution, of each. */
export class Observation {
  readonly extremes = new Map<string, Range>();
  readonly histograms = new Map<string, ValueHistogram>();

  constructor(
    private readonly method: RangeMethod,
    values: readonly string[],
  ) {
    for (const value of values) {
      if (method.observes === 'extremes') this.extremes.set(value, EMPTY_RANGE);
      else this.histograms.set(value, new ValueHistogram());
    }
  }

  /** Takes in a run of `samples` samples. */
  take(observed: ObservedModel, outputs: Outputs, samples: number, counting: Counting): void {
    const { method } = this;
    if (method.observes === 'histogram') {
      for (const [value, histogram] of this.histograms) {
        const numbers = outputs[value]?.data;
        if (numbers instanceof Float32Array) histogram.add(numbers, counting);
      }
      return;
    }
    for (const [value, names] of observed.ranges) {
      const batch = extremesIn(outputs, names);
      this.extremes.set(value, method.add(this.extremes.get(value) ?? EMPTY_RANGE, batch, samples));
    }
  }

  /** The range of each value. */
  ranges(choice: RangeChoice): ReadonlyMap<string, Range> {
    const { method } = this;
    if (method.observes === 'extremes') return this.extremes;
    return new Map(
      [...this.histograms].map(([value, histogram]) => [
        value,
        hasBounds(histogram.range) ? method.choose(histogram, choice) : histogram.range,
      ]),
    );
  }
}

function extremesIn(outputs: Outputs, names: RangeOutputs): Range {
  if (Number.isNaN(numberOf(outputs[names.sum]))) return { min: NaN, max: NaN };
  return { min: numberOf(outputs[names.min]), max: numberOf(outputs[names.max]) };
}

function numberOf(tensor: Tensor | undefined): number {
  return Number(tensor?.data[0] ?? NaN);
}
