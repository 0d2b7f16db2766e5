import type { Node } from '../../model/model';
import { and, clip, div, greaterOrEqual, lessOrEqual, masked, mul, round, sub, where } from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import { float32, type Term, type TermType } from '../graph/term';
import type { Grid } from './grid';

/** Errors name a computation by the node that it stands for. */
const like = (opType: string): Node => ({
  ...{ name: opType, opType, domain: '', inputs: [], outputs: [] },
  ...{ attributes: new Map(), metadata: new Map() },
});

/** Rounds, half to even; backward it does nothing (Bengio et al. 2013). */
export function roundThrough(build: GraphBuilder, x: Term): Term {
  const [y = x] = build.primitive(
    like('Round'),
    [x],
    () => [round(build, x)],
    ({ gradients: [dy] }) => [dy ?? null],
  );
  return y;
}

/** The sign, +1 at 0; backward as the identity within -1 to 1 (Courbariaux et al. 2016). */
export function signThrough(build: GraphBuilder, x: Term): Term {
  const forward = (): Term[] => [where(build, greaterOrEqual(build, x, 0), 1, -1)];
  const [y = x] = build.primitive(like('Sign'), [x], forward, ({ gradients: [dy] }) => [
    dy ? masked(build, within(build, x, { low: -1, high: 1 }), dy) : null,
  ]);
  return y;
}

/**
 * `y = scale * clip(round(x / scale), low, high)`, with LSQ's gradients (Esser et al. 2020): towards `x` the identity
 * within the grid and 0 outside; towards `scale` `round(v) - v` within, and the bound outside, `v = x / scale`, times
 * `gradientScale`, so that scales learn as fast as weights.
 * @param scale positive; one element, or a shape that broadcasts to `x`
 */
export function fakeQuantize(build: GraphBuilder, x: Term, scale: Term, grid: Grid, gradientScale: number): Term {
  let [ratio, codes] = [x, x];
  const forward = (): Term[] => {
    ratio = div(build, x, scale);
    codes = clip(build, round(build, ratio), grid.low, grid.high);
    return [mul(build, codes, scale)];
  };
  const [y = x] = build.primitive(like('FakeQuantize'), [x, scale], forward, ({ gradients: [dy], wanted }) => {
    if (!dy) return [];
    const inside = within(build, ratio, grid);
    const towardsScale = (): Term => where(build, inside, sub(build, codes, ratio), codes);
    return [
      wanted[0] ? masked(build, inside, dy) : null,
      wanted[1] ? mul(build, mul(build, dy, towardsScale()), gradientScale) : null,
    ];
  });
  return y;
}

/**
 * `y = clip(x, 0, bound)`; backward the identity within, and towards `bound` 1 where it cuts (PACT, Choi et al. 2018).
 * @param bound positive, one element
 */
export function clipLearned(build: GraphBuilder, x: Term, bound: Term): Term {
  const forward = (): Term[] => [build.one('Min', [build.one('Relu', [x], typeOf(x)), bound], typeOf(x))];
  const [y = x] = build.primitive(like('Clip'), [x, bound], forward, ({ gradients: [dy], wanted }) => {
    if (!dy) return [];
    const under = build.one('Less', [x, bound], { dtype: 'bool', shape: x.shape });
    const above = build.one('Greater', [x, build.constant(0)], { dtype: 'bool', shape: x.shape });
    return [
      wanted[0] ? masked(build, and(build, under, above), dy) : null,
      wanted[1] ? where(build, under, 0, dy) : null,
    ];
  });
  return y;
}

const typeOf = ({ knownShape }: Term): TermType => float32(knownShape);

function within(build: GraphBuilder, x: Term, { low, high }: Grid): Term {
  return and(build, greaterOrEqual(build, x, low), lessOrEqual(build, x, high));
}
