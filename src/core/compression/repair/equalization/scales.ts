import { divideOutputs, inputPeaks, multiplyInputs, outputPeaks } from './channel-ranges';
import type { Link } from './links';

/** Rounds over all links; scales come to rest in fewer. */
const MAX_ROUNDS = 40;
/** The largest change of a scale at which they are at rest, as a share. */
const AT_REST = 1e-3;
/** Scales beyond this help no more, and cost float32 its digits. */
const LARGEST_SCALE = 2 ** 14;

/** Smallest and largest scale that each channel of a link may have. */
export interface ScaleLimits {
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/**
 * The scale of each channel of each link: what the first layer makes is divided by it, what the second reads multiplied.
 * `s = sqrt(r1 / r2)` of the peaks of the channel's weights before and after it, over and over until all are at rest
 * (Nagel et al. 2019, equation 11). `values`: the weights by name, scaled in place.
 */
export function equalizingScales(
  links: readonly Link[],
  values: ReadonlyMap<string, Float32Array>,
  limitsOf: (link: Link) => ScaleLimits | null,
): Map<Link, Float64Array> {
  const scales = new Map(links.map((link) => [link, new Float64Array(link.channels).fill(1)]));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = 0;
    for (const link of links) {
      const scale = scales.get(link);
      if (scale === undefined) continue;
      // The peaks of a layer change with the scales on its other side.
      const step = stepOf(peaksOf(link, values), scale, limitsOf(link));
      applyScales(link, values, step);
      for (let channel = 0; channel < scale.length; channel++) {
        scale[channel] = (scale[channel] ?? 1) * (step[channel] ?? 1);
        moved = Math.max(moved, Math.abs(Math.log(step[channel] ?? 1)));
      }
    }
    if (moved < AT_REST) break;
  }
  return scales;
}

interface Peaks {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

function peaksOf({ first, second, channels }: Link, values: ReadonlyMap<string, Float32Array>): Peaks {
  const none = new Float32Array(0);
  return {
    before: outputPeaks(first, values.get(first.weight.name) ?? none, channels),
    after: inputPeaks(second, values.get(second.weight.name) ?? none, channels),
  };
}

/** What the scales so far are multiplied by. */
function stepOf({ before, after }: Peaks, scale: Float64Array, limits: ScaleLimits | null): Float64Array {
  return scale.map((old, channel) => {
    const wanted = Math.sqrt((before[channel] ?? 0) / (after[channel] ?? 0));
    // A channel of zeros on either side has no scale.
    if (!Number.isFinite(wanted) || wanted === 0) return 1;
    const least = Math.max(limits?.least[channel] ?? 0, 1 / LARGEST_SCALE);
    const most = Math.min(limits?.most[channel] ?? Infinity, LARGEST_SCALE);
    return Math.min(most, Math.max(least, old * wanted)) / old;
  });
}

function applyScales(
  { first, second, channels }: Link,
  values: ReadonlyMap<string, Float32Array>,
  step: Float64Array,
): void {
  const before = values.get(first.weight.name);
  const after = values.get(second.weight.name);
  if (before === undefined || after === undefined) return;
  divideOutputs(first, before, step);
  multiplyInputs(second, after, channels, step);
}
