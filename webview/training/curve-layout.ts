import { extent } from 'd3-array';
import { scaleLinear, scaleLog, type ScaleContinuousNumeric, type ScaleLinear } from 'd3-scale';

/** Step and value. */
export type Point = readonly [step: number, value: number];

export interface CurveLayout {
  readonly width: number;
  readonly height: number;
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly x: ScaleContinuousNumeric<number, number>;
  readonly y: ScaleContinuousNumeric<number, number>;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

const MARGIN = { left: 64, right: 16, top: 12, bottom: 26 };
/** Room for "1,250,000". */
const STEP_TICK_WIDTH = 84;
/** From this ratio of the largest to the smallest on, a log scale shows more. */
const LOG_FROM = 20;
const Y_TICKS = 4;

export interface CurveOptions {
  readonly width: number;
  readonly height: number;
  /** Of the whole training, where it is known: the curve then grows into its place. */
  readonly steps: number | null;
  readonly log: boolean;
  /** A value that has to lie within the plot, too. */
  readonly also?: number | null;
  /** Nothing lies above it: 1 for shares. */
  readonly most?: number | null;
}

export function layOutCurve(
  points: readonly Point[],
  { width, height, steps, log, also = null, most = null }: CurveOptions,
): CurveLayout {
  const plot = {
    ...{ left: MARGIN.left, right: Math.max(MARGIN.left + 1, width - MARGIN.right) },
    ...{ top: MARGIN.top, bottom: height - MARGIN.bottom },
  };
  const last = points.at(-1)?.[0] ?? 1;
  const x = scaleLinear([0, Math.max(1, steps ?? last, last)], [plot.left, plot.right]);
  const [low = 0, high = 1] = extent([...points.map(([, value]) => value), ...(also === null ? [] : [also])]);
  const isLog = log && low > 0 && high / low >= LOG_FROM;
  const y = isLog
    ? scaleLog([low, high], [plot.bottom, plot.top])
    : upTo(most, scaleLinear(around(low, high), [plot.bottom, plot.top]).nice(Y_TICKS));
  const whole = x.ticks(Math.max(2, Math.floor((plot.right - plot.left) / STEP_TICK_WIDTH))).filter(Number.isInteger);
  return { width, height, plot, x, y, xTicks: whole, yTicks: isLog ? decades(y.ticks(), low, high) : y.ticks(Y_TICKS) };
}

function upTo(most: number | null, scale: ScaleLinear<number, number>): ScaleLinear<number, number> {
  const [from = 0, to = 1] = scale.domain();
  return most === null ? scale : scale.domain([from, Math.min(most, to)]);
}

/** One value has a scale to stand on, too. */
function around(low: number, high: number): [number, number] {
  if (high > low) return [low, high];
  const room = Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** 1 of each decade, and where that leaves fewer than two lines, 2 and 5 as well. */
function decades(ticks: readonly number[], low: number, high: number): number[] {
  const within = ticks.filter((tick) => tick >= low && tick <= high);
  const leading = (value: number): number => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  const ones = within.filter((tick) => leading(tick) === 1);
  return ones.length > 1 ? ones : within.filter((tick) => [1, 2, 5].includes(leading(tick)));
}
