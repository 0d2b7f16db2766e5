import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { extent } from 'd3-array';
import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { exact, magnitude, percent, plural } from '../shared/format';
import { ChartElement } from './chart-element';

interface Point {
  readonly step: number;
  readonly value: number;
}

const HEIGHT = 180;
const MARGIN = { left: 64, right: 16, top: 12, bottom: 28 };
const TICKS = 4;
/** Room that "1,250,000" takes. */
const STEP_TICK = 110;
/** Room that "best 99.71 %" takes. */
const LABEL_ROOM = 100;
/** Room around one value, as a share of it. */
const ROOM = 0.05;
/** Rows of the table: more of a curve is not read as numbers. */
const MOST_ROWS = 25;

interface Scales {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly right: number;
  readonly bottom: number;
}

/** One figure over the steps of a training; its figures as a table below, for those who do not see it. */
@customElement('edgewise-training-curve')
export class TrainingCurve extends ChartElement {
  @property() override title = '';
  @property({ attribute: false }) points: readonly Point[] = [];
  /** The step whose weights were kept. */
  @property({ attribute: false }) best: number | null = null;
  /** What the original reaches: a dashed line. */
  @property({ attribute: false }) original: number | null = null;
  /** Values are shares of 0 to 1. */
  @property({ attribute: false }) share = false;

  protected override render(): TemplateResult | typeof nothing {
    const { title, points, width, share, best, original } = this;
    if (points.length === 0) return nothing;
    return html`<h3>${title}</h3>
      <div class="plot curve">${width > 0 ? this.draw(this.scales(width), width) : nothing}</div>
      <details>
        <summary>The same as a table</summary>
        ${twin(title, thinned(points, best), { share, best, original })}
      </details>`;
  }

  private scales(width: number): Scales {
    const { points, share, original } = this;
    const [bottom, right] = [HEIGHT - MARGIN.bottom, width - MARGIN.right];
    const x = scaleLinear([0, points.at(-1)?.step ?? 1], [MARGIN.left, right]);
    const values = [...points.map(({ value }) => value), ...(original === null ? [] : [original])];
    const [low = 0, high = 1] = extent(values);
    const room = high === low ? Math.abs(high) * ROOM || 1 : 0;
    const y = scaleLinear([low - room, high + room], [bottom, MARGIN.top]).nice(TICKS);
    const [from = 0, to = 1] = y.domain();
    if (share) y.domain([Math.max(0, from), Math.min(1, to)]);
    return { x, y, right, bottom };
  }

  private draw(scales: Scales, width: number): TemplateResult {
    const { points, best, original } = this;
    const path = line<Point>()
      .x(({ step }) => scales.x(step))
      .y(({ value }) => scales.y(value));
    const marked = points.find(({ step }) => step === best);
    return html`<svg
      class="chart"
      width=${width}
      height=${HEIGHT}
      viewBox="0 0 ${width} ${HEIGHT}"
      role="img"
      aria-label=${this.spoken(marked)}
    >
      ${this.axes(scales)} ${original === null ? nothing : this.drawOriginal(original, scales)}
      ${svg`<path class="front" d=${path([...points]) ?? ''}></path>`}
      ${marked === undefined ? nothing : this.drawBest(marked, scales)}
    </svg>`;
  }

  private axes({ x, y, right, bottom }: Scales): SVGTemplateResult {
    const steps = x.ticks(Math.max(2, Math.floor((right - MARGIN.left) / STEP_TICK))).filter(Number.isInteger);
    const values = y.ticks(TICKS);
    const decimals = decimalsOf(values);
    return svg`${values.map(
      (value) => svg`<line class="grid" x1=${MARGIN.left} x2=${right} y1=${y(value)} y2=${y(value)}></line>
        <text class="tick" x=${MARGIN.left - 8} y=${y(value)} dy="0.32em" text-anchor="end">${figureText(value, this.share, decimals)}</text>`,
    )}
    ${steps.map(
      (value) => svg`<line class="axis" x1=${x(value)} x2=${x(value)} y1=${bottom} y2=${bottom + 4}></line>
        <text class="tick" x=${x(value)} y=${bottom + 17} text-anchor="middle">${exact(value)}</text>`,
    )}
    <line class="axis" x1=${MARGIN.left} x2=${right} y1=${bottom} y2=${bottom}></line>`;
  }

  private drawOriginal(original: number, { y, right, bottom }: Scales): SVGTemplateResult {
    // Above the line, unless that is where the plot ends.
    const at = y(original) < MARGIN.top + LABEL_HEIGHT ? y(original) + LABEL_HEIGHT : y(original) - 6;
    return svg`<line class="reference" x1=${MARGIN.left} x2=${right} y1=${y(original)} y2=${y(original)}></line>
      <text class="label" x=${MARGIN.left + 6} y=${Math.min(bottom - 4, at)}>original ${figureText(original, this.share)}</text>`;
  }

  private drawBest({ step, value }: Point, { x, y, right, bottom }: Scales): SVGTemplateResult {
    const isLeft = x(step) > right - LABEL_ROOM;
    const text = figureText(value, this.share);
    return svg`<circle class="bubble after" cx=${x(step)} cy=${y(value)} r="5">
        <title>${`Kept: step ${exact(step)}, ${text}`}</title>
      </circle>
      <text class="label after" x=${x(step) + (isLeft ? -9 : 9)} y=${Math.min(bottom - 6, y(value) + 20)}
        text-anchor=${isLeft ? 'end' : 'start'}>kept ${text}</text>`;
  }

  private spoken(marked: Point | undefined): string {
    const { title, points, share, original } = this;
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return title;
    const course =
      points.length === 1
        ? `${figureText(last.value, share)} after ${plural(last.step, 'step')}`
        : `from ${figureText(first.value, share)} to ${figureText(last.value, share)} over ${plural(last.step, 'step')}`;
    const kept =
      marked && points.length > 1 ? ` Step ${exact(marked.step)} was kept, ${figureText(marked.value, share)}.` : '';
    const beside = original === null ? '' : ` The original reaches ${figureText(original, share)}.`;
    return `${title} ${course}.${kept}${beside} The table below has the figures.`;
  }
}

/** Of a line of text. */
const LABEL_HEIGHT = 16;

/** "99.21 %" for shares; else as many digits as tell. */
export const figureText = (value: number, share: boolean, decimals = 2): string =>
  share ? percent(value, decimals) : magnitude(value);

/** Decimals of percent that tell ticks apart. */
function decimalsOf([first = 0, second = 1]: readonly number[]): number {
  const step = Math.abs(second - first) * 100;
  return step >= 0.995 ? 0 : step >= 0.0995 ? 1 : 2;
}

/** Equally far from each other, with the first, the last and the one that was kept. */
function thinned(points: readonly Point[], best: number | null): readonly Point[] {
  if (points.length <= MOST_ROWS) return points;
  const at = Array.from({ length: MOST_ROWS }, (_, row) => Math.round((row * (points.length - 1)) / (MOST_ROWS - 1)));
  const shown = new Set(at);
  return points.filter(({ step }, index) => shown.has(index) || step === best);
}

interface Reading {
  readonly share: boolean;
  readonly best: number | null;
  readonly original: number | null;
}

const twin = (title: string, points: readonly Point[], { share, best, original }: Reading): TemplateResult =>
  html`<table class="twin">
    <thead>
      <tr>
        <th scope="col">Step</th>
        <th scope="col" class="number">${title}</th>
      </tr>
    </thead>
    <tbody>
      ${points.map(({ step, value }) =>
        row(`${exact(step)}${step === best ? ' (kept)' : ''}`, figureText(value, share)),
      )}
      ${original === null ? nothing : row('The original', figureText(original, share))}
    </tbody>
  </table>`;

const row = (name: string, figure: string): TemplateResult =>
  html`<tr>
    <th scope="row">${name}</th>
    <td class="number">${figure}</td>
  </tr>`;
