import { extent, max } from 'd3-array';
import { scaleLinear, scaleLog, scaleSqrt } from 'd3-scale';

export interface Bubble {
  name: string;
  /** What stands beside it: what tells it from the others. */
  label: string;
  kind: 'before' | 'after' | 'teacher' | 'other';
  /** 0..1 */
  value: number;
  parameters: number;
  bytes: number;
}

export interface PlacedBubble extends Bubble {
  x: number;
  y: number;
  radius: number;
  beside: { x: number; y: number; anchor: 'start' | 'end' };
}

export interface Chart {
  width: number;
  height: number;
  plot: { left: number; right: number; top: number; bottom: number };
  xTicks: { at: number; value: number }[];
  yTicks: { at: number; value: number }[];
  yDecimals: number;
  /** The largest first, so that none hides another. */
  bubbles: PlacedBubble[];
}

const MARGIN = { left: 56, right: 16, top: 16, bottom: 28 };
const LARGEST_RADIUS = 30;
const SMALLEST_RADIUS = 4;
const POINT_RADIUS = 6;
/** Room above and below, as a share of the values' range. */
const BUBBLE_MARGIN = 0.6;
const POINT_MARGIN = 0.2;
/** A label of the usual length has room to the left of a point from here on. */
const LABEL_WIDTH = 200;
/** Room for "200 K", and for "200 KB". */
const COUNT_TICK = 56;
const BYTES_TICK = 76;
const LABEL_HEIGHT = 17;
const LABEL_GAP = 8;

export interface LayOutOptions {
  /** What goes to the right. With `bytes` all circles are small and of one size. Default: parameters. */
  along?: 'parameters' | 'bytes';
  /** False where values are no shares of 0 to 1. */
  share?: boolean;
}

/** Places bubbles: value up, parameters right on a log scale, area by bytes; labels beside them without overlap. */
export function layOut(
  bubbles: readonly Bubble[],
  width: number,
  height: number,
  { along = 'parameters', share = true }: LayOutOptions = {},
): Chart {
  const across = (bubble: Bubble): number => Math.max(1, bubble[along]);
  const plot = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const x = scaleLog()
    .domain(logDomain(bubbles.map(across)))
    .range([plot.left, plot.right]);
  const y = scaleLinear()
    .domain(valueDomain(bubbles, share, along === 'bytes' ? POINT_MARGIN : BUBBLE_MARGIN))
    .range([plot.bottom, plot.top]);
  const radius = scaleSqrt()
    .domain([0, max(bubbles, (bubble) => bubble.bytes) ?? 1])
    .range([0, LARGEST_RADIUS]);
  const yValues = y.ticks(5);
  const circles = bubbles.map((bubble) => ({
    ...bubble,
    x: x(across(bubble)),
    y: y(bubble.value),
    radius: along === 'bytes' ? POINT_RADIUS : Math.max(SMALLEST_RADIUS, radius(bubble.bytes)),
  }));
  const placed = circles
    .map((circle): PlacedBubble => {
      const beside = along === 'bytes' ? labelAbove(circle, plot) : labelBeside(circle, circles, plot);
      return { ...circle, beside };
    })
    .sort((a, b) => b.radius - a.radius);
  separate(placed, plot);
  return {
    ...{ width, height, plot, bubbles: placed },
    xTicks: logTicks(x.ticks(), width, along === 'bytes' ? BYTES_TICK : COUNT_TICK).map((value) => ({
      value,
      at: x(value),
    })),
    yTicks: yValues.map((value) => ({ value, at: y(value) })),
    yDecimals: decimalsOf(yValues),
  };
}

/** Half a decade and more around the values, so that a single size has a scale to stand on. */
function logDomain(values: readonly number[]): [number, number] {
  const [low = 1, high = 1] = extent(values);
  return [low / 2.5, high * 2.5];
}

function valueDomain(bubbles: readonly Bubble[], share: boolean, room: number): [number, number] {
  const [low = 0, high = 1] = extent(bubbles, (bubble) => bubble.value);
  if (!share) {
    const around = (high - low) * room || Math.abs(high) * 0.1 || 1;
    return [low - around, high + around];
  }
  const margin = Math.max((high - low) * room, 0.01);
  return [Math.max(0, low - margin), Math.min(1 + margin / 4, high + margin)];
}

/** 1, 2 and 5 of each decade where there is room, else 1 only. */
function logTicks(values: readonly number[], width: number, tickWidth: number): number[] {
  const leading = (value: number): number => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  const some = values.filter((value) => [1, 2, 5].includes(leading(value)));
  if (some.length * tickWidth <= width) return some;
  const decades = values.filter((value) => leading(value) === 1);
  return decades.length > 0 ? decades : some.slice(0, 2);
}

function decimalsOf(percentTicks: readonly number[]): number {
  const step = ((percentTicks[1] ?? 1) - (percentTicks[0] ?? 0)) * 100;
  return step >= 0.995 ? 0 : step >= 0.0995 ? 1 : 2;
}

type Circle = Omit<PlacedBubble, 'beside'>;

/** The original's to the left, the others' to the right, unless the edge is near; clear of bubbles that lie around it. */
function labelBeside(circle: Circle, all: readonly Circle[], plot: Chart['plot']): PlacedBubble['beside'] {
  const { x, y, kind } = circle;
  const left = kind === 'before' ? x > plot.left + 90 : x > plot.left + (plot.right - plot.left) * 0.75;
  const around = all.filter((other) => Math.hypot(other.x - x, other.y - y) <= other.radius);
  return left
    ? { x: Math.min(...around.map((other) => other.x - other.radius)) - LABEL_GAP, y, anchor: 'end' }
    : { x: Math.max(...around.map((other) => other.x + other.radius)) + LABEL_GAP, y, anchor: 'start' };
}

/** Above and to the left, where what is smaller and better would be: the points themselves lie to the right and below. */
function labelAbove({ x, y, radius }: Circle, plot: Chart['plot']): PlacedBubble['beside'] {
  const at = Math.max(plot.top, y - LABEL_HEIGHT);
  return x > plot.left + LABEL_WIDTH
    ? { x: x - radius - LABEL_GAP / 2, y: at, anchor: 'end' }
    : { x: x + radius + LABEL_GAP / 2, y: at, anchor: 'start' };
}

/** Labels that would lie over each other go down, and all up again where that leads out of the plot. */
function separate(bubbles: readonly PlacedBubble[], plot: Chart['plot']): void {
  for (const anchor of ['start', 'end'] as const) {
    const labels = bubbles
      .filter((bubble) => bubble.label !== '')
      .map((bubble) => bubble.beside)
      .filter((label) => label.anchor === anchor)
      .sort((a, b) => a.y - b.y);
    const top = plot.top - LABEL_HEIGHT / 2;
    for (const [index, label] of labels.entries()) {
      const over = labels.slice(0, index).filter(({ x }) => Math.abs(x - label.x) < LABEL_WIDTH);
      label.y = Math.max(label.y, top + LABEL_HEIGHT, ...over.map(({ y }) => y + LABEL_HEIGHT));
    }
    const beyond = Math.max(...labels.map(({ y }) => y)) - plot.bottom;
    if (beyond > 0) for (const label of labels) label.y -= beyond;
  }
}
