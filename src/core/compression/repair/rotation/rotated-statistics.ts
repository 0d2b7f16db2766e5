import type { Model } from '../../../model/model';
import type { Breather } from '../breather';
import { matrixLayers } from '../matrix-layers';
import { unclipped, type ChannelStatistics, type ValueStatistics } from '../statistics/channel-statistics';
import { rotateAxis } from './rotate-axis';
import type { Rotation } from './rotation';
import type { Space } from './space';

/** What is known of values, in the basis that their space is rotated to: means turn with it, deviations do not say enough. */
export class RotatedStatistics {
  private readonly statistics: Map<string, ChannelStatistics>;
  /** The value that a layer makes, by the name of its weight. */
  private readonly outputs: ReadonlyMap<string, string>;

  constructor(
    model: Model,
    given: ValueStatistics | undefined,
    private readonly breather: Breather,
  ) {
    this.statistics = new Map(given);
    this.outputs = new Map(matrixLayers(model).map(({ weight, output }) => [weight.name, output]));
  }

  get result(): ValueStatistics {
    return this.statistics;
  }

  async rotate({ sides }: Space, rotation: Rotation): Promise<void> {
    for (const { role, weight, starts } of sides) {
      const value = role === 'writes' ? this.outputs.get(weight.name) : undefined;
      const known = this.statistics.get(value ?? '');
      if (value === undefined || known === undefined) continue;
      const means = Float32Array.from(known.mean);
      await rotateAxis(means, [means.length], 0, starts, rotation, this.breather);
      this.statistics.set(value, unclipped(Float64Array.from(means), null));
    }
  }
}
