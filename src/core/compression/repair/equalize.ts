import { openWeights, type WeightReader } from '../../formats/weight-reader';
import type { Model, Weight } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { WeightPlan } from '../encodings/scheme';
import { readFloats } from '../graph/float-weights';
import { float32Weight } from '../graph/new-weights';
import { clipPeaks, withScaledClips } from './equalization/clips';
import { findLinks, type Link } from './equalization/links';
import { equalizingScales, type ScaleLimits } from './equalization/scales';
import { withWeights } from './moments/collect';
import type { RepairContext, Repaired, RepairPass } from './repair';
import { divided, type ChannelStatistics } from './statistics/channel-statistics';

/** How far beyond what calibration brought a channel may go before a clip changes it. */
const CLIP_MARGIN = 1.25;

export const equalize: RepairPass = {
  name: 'equalize',
  title: 'Equalizing layers',
  needs: 'nothing',
  keepsFunction: true,
  run: equalizeLayers,
};

/**
 * Cross-layer equalization (Nagel et al. 2019): channels between two layers are scaled so that the weights on both
 * sides use the whole range of their tensor's one scale. A float model computes the same.
 *
 * A clip's bound cannot follow channel by channel. Where calibration tells which channels reach it, those keep their
 * scale and others stay below it; otherwise `Relu` and `Min` with a bound for each channel take its place.
 */
async function equalizeLayers(model: Model, plan: WeightPlan, context: RepairContext): Promise<Repaired> {
  const links = findLinks(model).filter(
    (link) => hasOneScale(link.first.weight, plan) || hasOneScale(link.second.weight, plan),
  );
  if (links.length === 0) {
    context.warn(
      'Equalizing changed nothing: no two layers follow each other of which one has a single scale for its weights.',
    );
    return { model, plan };
  }
  const clips = links.flatMap(({ clip }) => (clip === null ? [] : [clip.node]));
  const peaks = clips.length === 0 ? null : await clipPeaks(model, clips, context);
  const reader = await openWeights(model);
  try {
    const changed = new Map<string, Weight>();
    const scaledClips = new Map<Link, Float64Array>();
    const statistics = new Map(context.statistics);
    for (const chain of chainsOf(links)) {
      throwIfCancelled(context.job.signal);
      const values = await weightsOf(chain, reader);
      const scales = equalizingScales(chain, values, (link) => clipLimits(link, peaks));
      for (const [link, scale] of scales) {
        await takeBias(link, scale, reader, changed);
        divideStatistics(statistics, link.first.output, scale);
        if (link.clip !== null && clipLimits(link, peaks) === null) scaledClips.set(link, scale);
      }
      for (const weight of chain.flatMap(({ first, second }) => [first.weight, second.weight])) {
        const numbers = values.get(weight.name);
        if (numbers !== undefined) changed.set(weight.name, float32Weight(weight.name, weight.shape, numbers));
      }
    }
    return { model: withScaledClips(withWeights(model, changed), scaledClips), plan, statistics };
  } finally {
    await reader.close();
  }
}

/** One scale or table for the whole tensor: only then do channels spoil each other's. */
function hasOneScale(weight: Weight, plan: WeightPlan): boolean {
  const scheme = plan.get(weight.name);
  return scheme !== undefined && scheme.kind !== 'dense' && scheme.axis === null;
}

/** Null where scales are free. */
function clipLimits({ clip, channels }: Link, peaks: Awaited<ReturnType<typeof clipPeaks>>): ScaleLimits | null {
  const seen = clip === null ? undefined : peaks?.get(clip.node);
  if (clip === null || seen?.length !== channels) return null;
  const reach = seen.map((peak) => (CLIP_MARGIN * Math.max(0, peak)) / clip.bound);
  return {
    least: reach.map((share) => Math.min(1, share)),
    most: reach.map((share) => (share >= 1 ? 1 : Infinity)),
  };
}

/** Links in groups that have no layer in common. */
function chainsOf(links: readonly Link[]): Link[][] {
  const chains: { names: Set<string>; links: Link[] }[] = [];
  for (const link of links) {
    const names = [link.first.weight.name, link.second.weight.name];
    const joined = chains.filter((chain) => names.some((name) => chain.names.has(name)));
    for (const chain of joined) chains.splice(chains.indexOf(chain), 1);
    chains.push({
      names: new Set([...joined.flatMap((chain) => [...chain.names]), ...names]),
      links: [...joined.flatMap((chain) => chain.links), link],
    });
  }
  return chains.map((chain) => chain.links);
}

async function weightsOf(chain: readonly Link[], reader: WeightReader): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const { weight } of chain.flatMap(({ first, second }) => [first, second])) {
    if (!values.has(weight.name)) values.set(weight.name, await readFloats(reader, weight));
  }
  return values;
}

async function takeBias(
  { first: { bias } }: Link,
  scale: Float64Array,
  reader: WeightReader,
  changed: Map<string, Weight>,
): Promise<void> {
  if (bias === null) return;
  const numbers = (await readFloats(reader, bias)).map((value, channel) => value / (scale[channel] ?? 1));
  changed.set(bias.name, float32Weight(bias.name, bias.shape, numbers));
}

function divideStatistics(statistics: Map<string, ChannelStatistics>, value: string, scale: Float64Array): void {
  const known = statistics.get(value);
  if (known !== undefined) statistics.set(value, divided(known, scale));
}
