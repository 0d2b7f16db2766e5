import { nothing, svg, type SVGTemplateResult } from 'lit';
import { bytes } from '../shared/format';
import type { Chart, PlacedBubble } from './bubbles';

/** Lines and figures that points are read against. */
export const axes = (
  { plot, xTicks, yTicks }: Chart,
  text: { x: (value: number) => string; y: (value: number) => string },
): SVGTemplateResult =>
  svg`${yTicks.map(
    ({ at, value }) => svg`<line class="grid" x1=${plot.left} x2=${plot.right} y1=${at} y2=${at}></line>
      <text class="tick" x=${plot.left - 8} y=${at} dy="0.32em" text-anchor="end">${text.y(value)}</text>`,
  )}
  ${xTicks.map(
    ({ at, value }) => svg`<line class="axis" x1=${at} x2=${at} y1=${plot.bottom} y2=${plot.bottom + 4}></line>
      <text class="tick" x=${at} y=${plot.bottom + 17} text-anchor="middle">${text.x(value)}</text>`,
  )}
  <line class="axis" x1=${plot.left} x2=${plot.right} y1=${plot.bottom} y2=${plot.bottom}></line>`;

/** A point's label and the line that leads to it; nothing for a point without one. */
export function drawLabel(
  { label: text, kind, bytes: size, x, y, radius, beside }: PlacedBubble,
  withSize: boolean,
): SVGTemplateResult | typeof nothing {
  if (text === '') return nothing;
  const sign = beside.anchor === 'start' ? 1 : -1;
  return svg`<line class="leader" x1=${x + sign * radius} y1=${y} x2=${beside.x - sign * 2} y2=${beside.y}></line>
    <text class=${`label ${kind}`} x=${beside.x} y=${beside.y} dy="0.32em" text-anchor=${beside.anchor}>${withSize ? `${text}, ${bytes(size)}` : text}</text>`;
}
