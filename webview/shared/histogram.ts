import { html, svg, type TemplateResult } from 'lit';
import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';

const WIDTH = 40;
const HEIGHT = 14;
/** Bars that can still be told apart at this width. */
const BARS = 20;

const paths = new WeakMap<readonly number[], string>();

/** A small histogram; the figures are in the tooltip of the cell that holds it. Empty for no counts. */
export function histogram(counts: readonly number[]): TemplateResult | string {
  if (counts.length === 0) return '';
  let path = paths.get(counts);
  if (path === undefined) paths.set(counts, (path = outline(merged(counts))));
  return html`<svg
    class="histogram"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    width=${WIDTH}
    height=${HEIGHT}
    aria-hidden="true"
  >
    ${svg`<path d=${path}></path>`}
  </svg>`;
}

function outline(bars: readonly number[]): string {
  const y = scaleLinear()
    .domain([0, max(bars) ?? 1])
    .range([HEIGHT, 0]);
  const x = scaleLinear().domain([0, bars.length]).range([0, WIDTH]);
  const draw = area<number>()
    .curve(curveStepAfter)
    .x((_, index) => x(index))
    .y0(HEIGHT)
    // A bar that holds anything at all is seen.
    .y1((count) => (count > 0 ? Math.min(y(count), HEIGHT - 1) : HEIGHT));
  return draw([...bars, bars.at(-1) ?? 0]) ?? '';
}

function merged(counts: readonly number[]): number[] {
  const bars = new Array<number>(Math.min(BARS, counts.length)).fill(0);
  for (const [index, count] of counts.entries()) {
    const bar = Math.floor((index * bars.length) / counts.length);
    bars[bar] = (bars[bar] ?? 0) + count;
  }
  return bars;
}
