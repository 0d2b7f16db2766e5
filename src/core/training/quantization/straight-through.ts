import type { Node } from '../../model/model';
import {
  and,
  cast,
  clip,
  div,
  gated,
  greaterOrEqual,
  lessOrEqual,
  mul,
  type Operand,
  round,
  sub,
  where,
} from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import { float32, type Term, type TermType } from '../graph/term';
import { fit } from '../gradients/fit';
import type { GradientRule } from '../gradients/rule';
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
    dy ? gated(build, within(build, x, -1, 1), dy) : null,
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
  const { low, high } = grid;
  const forward = (): Term => mul(build, clip(build, round(build, div(build, x, scale)), low, high), scale);
  return withStepGradients(build, x, scale, grid, gradientScale, forward);
}

/** Steps between the first and the last of the codes that a byte holds. */
const BYTE_STEPS = 255;

/**
 * `fakeQuantize` of an activation in a graph that is trained: the same numbers, by way of the runtime's own codes, which
 * takes it half the time. Values that are not finite become some code, so that they show in the loss only where they
 * reach it another way; and graphs that are read again by others would be fused: evaluation has the form above.
 * @param scale positive, one element without dimensions
 */
export function quantizeByCodes(build: GraphBuilder, x: Term, scale: Term, grid: Grid, gradientScale: number): Term {
  const { low, high } = grid;
  if (high - low > BYTE_STEPS || scale.shape.length > 0) return fakeQuantize(build, x, scale, grid, gradientScale);
  const forward = (): Term => {
    const cut =
      high - low === BYTE_STEPS
        ? x
        : build.one('Clip', [x, mul(build, scale, low), mul(build, scale, high)], typeOf(x));
    const zeroPoint = build.byte(-low);
    const codes = build.one('QuantizeLinear', [cut, scale, zeroPoint], { dtype: 'uint8', shape: x.knownShape });
    return build.one('DequantizeLinear', [codes, scale, zeroPoint], typeOf(x));
  };
  return withStepGradients(build, x, scale, grid, gradientScale, forward);
}

function withStepGradients(
  build: GraphBuilder,
  x: Term,
  scale: Term,
  { low, high }: Grid,
  gradientScale: number,
  forward: () => Term,
): Term {
  const gradient: GradientRule = ({ outputs: [quantized], gradients: [dy], wanted }) => {
    if (!quantized || !dy) return [];
    // Of `x` and `y`, which the backward pass keeps anyhow: ratios and codes would be two more copies.
    const inside = cast(build, within(build, x, mul(build, scale, low), mul(build, scale, high)), 'float32');
    const towardsScale = (): Term => {
      const moved = sub(build, quantized, mul(build, x, inside));
      const sum = fit(build, mul(build, dy, moved), scale.shape);
      return mul(build, div(build, sum, scale), gradientScale);
    };
    return [wanted[0] ? mul(build, dy, inside) : null, wanted[1] ? towardsScale() : null];
  };
  const [y = x] = build.primitive(like('FakeQuantize'), [x, scale], () => [forward()], gradient);
  return y;
}

/**
 * A weight on its grid with a channel's factor taken into the step: `code * (step * factor)`, as a file has it, where
 * `weight * factor` would be rounded otherwise. Backward it is that product.
 */
export function foldedWeight(
  build: GraphBuilder,
  { value, step }: { readonly value: Term; readonly step: Term },
  factor: Term,
): { readonly value: Term; readonly step: Term } {
  const steps = build.unrecorded(() => mul(build, step, factor));
  const forward = (): Term[] => [mul(build, round(build, div(build, value, step)), steps)];
  const [product = value] = build.primitive(like('Mul'), [value, factor], forward, ({ gradients: [dy], wanted }) =>
    dy ? [wanted[0] ? mul(build, dy, factor) : null, wanted[1] ? mul(build, dy, value) : null] : [],
  );
  return { value: product, step: steps };
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
      wanted[0] ? gated(build, and(build, under, above), dy) : null,
      wanted[1] ? gated(build, greaterOrEqual(build, x, bound), dy) : null,
    ];
  });
  return y;
}

const typeOf = ({ knownShape }: Term): TermType => float32(knownShape);

function within(build: GraphBuilder, x: Term, low: Operand, high: Operand): Term {
  return and(build, greaterOrEqual(build, x, low), lessOrEqual(build, x, high));
}
