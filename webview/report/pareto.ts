import type { Bubble } from './bubbles';
import { isShare } from './judged';
import { modelsOf, shortened } from './models';
import type { Report } from './report-types';

/** With more points than this, labels would cover them: only the original and the chosen one are named. */
const MOST_LABELS = 8;

/** Values closer together than this share of the best are drawn with as much below them. */
const LEAST_DEPTH = 0.01;

/**
 * What a search tried, on the samples that it chose on: figures of the test set do not stand beside them. Without a
 * search, the models that the report knows. The smallest first.
 */
export function attemptsOf(report: Report): Bubble[] {
  const tried = triedIn(report);
  const all = tried.length === 0 ? modelsOf(report) : tried;
  const few = all.length <= MOST_LABELS;
  return all
    .map((point) => (few || point.kind !== 'other' ? point : { ...point, label: '' }))
    .sort((a, b) => a.bytes - b.bytes);
}

/** Attempts that were judged as the report's models are, and the original on the same samples. */
export function triedIn({ before, after, front = [], frontOriginal }: Report): Bubble[] {
  const attempts = front.map(({ chosen, ...point }) => ({
    ...point,
    kind: chosen ? ('after' as const) : ('other' as const),
  }));
  const original = frontOriginal && { ...frontOriginal, name: 'original', kind: 'before' as const };
  return [...attempts, ...(original === undefined ? [] : [original])].flatMap(({ name, bytes, value, metric, kind }) =>
    value === null || metric !== after.metric
      ? []
      : [{ name, label: shortened(name), value, bytes, parameters: before.parameters, kind }],
  );
}

/** Those that nothing smaller or as small is better than, from the smallest on. */
export function bestOf(points: readonly Bubble[], { after }: Report): Bubble[] {
  const sign = !isShare(after) && after.headline?.better === 'lower' ? -1 : 1;
  const bySize = [...points].sort((a, b) => a.bytes - b.bytes || sign * (b.value - a.value));
  let best = -Infinity;
  return bySize.filter(({ value }) => {
    if (sign * value <= best) return false;
    best = sign * value;
    return true;
  });
}

/**
 * What is drawn: a failed attempt far below would press all others into a line. Left out is what lies further below the
 * best, the original and this model than these differ from each other.
 */
export function drawnOf(points: readonly Bubble[], best: readonly Bubble[], { after }: Report): Bubble[] {
  const sign = !isShare(after) && after.headline?.better === 'lower' ? -1 : 1;
  const marked = points
    .filter((point) => point.kind !== 'other' || best.includes(point))
    .map(({ value }) => sign * value);
  const [low, high] = [Math.min(...marked), Math.max(...marked)];
  const lowest = low - Math.max((high - low) / 2, Math.abs(high) * LEAST_DEPTH);
  return points.filter(({ value }) => sign * value >= lowest);
}
