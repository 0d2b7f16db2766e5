import { clippedNormal } from './clipped-normal';

/**
 * What the channels of a value are like on the data that a network was trained on: normal distributions, of which what
 * lies beyond bounds is clipped to them.
 */
export interface ChannelStatistics {
  readonly mean: Float64Array;
  /** Null where it is not known. */
  readonly deviation: Float64Array | null;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** By the name of the value. */
export type ValueStatistics = ReadonlyMap<string, ChannelStatistics>;

/** Channels that nothing clips. */
export function unclipped(mean: Float64Array, deviation: Float64Array | null): ChannelStatistics {
  return {
    mean,
    deviation,
    low: new Float64Array(mean.length).fill(-Infinity),
    high: new Float64Array(mean.length).fill(Infinity),
  };
}

/** Null where the deviation is not known, which what is clipped depends on. */
export function clipped(
  { mean, deviation, low, high }: ChannelStatistics,
  least: (channel: number) => number,
  most: (channel: number) => number,
): ChannelStatistics | null {
  if (deviation === null) return null;
  return {
    mean,
    deviation,
    low: low.map((bound, channel) => Math.min(most(channel), Math.max(bound, least(channel)))),
    high: high.map((bound, channel) => Math.max(least(channel), Math.min(bound, most(channel)))),
  };
}

/** The same channels as normal distributions without bounds, of the mean and deviation that they have in fact. */
export function collapsed({ mean, deviation, low, high }: ChannelStatistics): ChannelStatistics {
  if (deviation === null) return unclipped(mean, null);
  const moments = Array.from(mean, (center, channel) =>
    clippedNormal(center, deviation[channel] ?? 0, low[channel] ?? -Infinity, high[channel] ?? Infinity),
  );
  return unclipped(
    Float64Array.from(moments, (each) => each.mean),
    Float64Array.from(moments, (each) => Math.sqrt(each.variance)),
  );
}

/** Channels that are divided by positive numbers. */
export function divided({ mean, deviation, low, high }: ChannelStatistics, scale: Float64Array): ChannelStatistics {
  const each = (numbers: Float64Array): Float64Array =>
    numbers.map((number, channel) => number / (scale[channel] ?? 1));
  return { mean: each(mean), deviation: deviation === null ? null : each(deviation), low: each(low), high: each(high) };
}
