import type { Graph } from '../../../model/model';
import { eachElement } from '../equalization/channel-ranges';
import { outputsOf, type MatrixLayer } from '../matrix-layers';
import { collapsed, type ChannelStatistics, type ValueStatistics } from './channel-statistics';
import { propagated } from './propagate';

/** Tells how far rounding shifts the mean of a layer's outputs, from what its inputs are like. */
export class ExpectedShifts {
  private readonly statistics: ValueStatistics;

  constructor(graph: Graph, given: ValueStatistics) {
    this.statistics = propagated(graph, given);
  }

  /** Whether the inputs of a layer are known. */
  knows(layer: MatrixLayer): boolean {
    return this.inputsOf(layer) !== null;
  }

  /**
   * `(W' - W) E[x]`, by output: Nagel and others 2019, section 4.2. Zeros around an image are taken to be like what is
   * inside.
   */
  of(layer: MatrixLayer, before: Float32Array, after: Float32Array): Float64Array {
    const shift = new Float64Array(outputsOf(layer.matrix));
    const inputs = this.inputsOf(layer);
    if (inputs === null) return shift;
    const { mean } = collapsed(inputs);
    eachElement(layer, mean.length, (element, output, input) => {
      const error = (after[element] ?? 0) - (before[element] ?? 0);
      shift[output] = (shift[output] ?? 0) + error * (mean[input] ?? 0);
    });
    return shift;
  }

  private inputsOf({ input, matrix }: MatrixLayer): ChannelStatistics | null {
    const known = this.statistics.get(input);
    const channels = known?.mean.length ?? 0;
    if (known === undefined || channels % matrix.groups !== 0) return null;
    return matrix.columns % (channels / matrix.groups) === 0 ? known : null;
  }
}
