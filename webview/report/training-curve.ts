import { html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { exact } from '../shared/format';
import { ChartElement } from './chart-element';

interface Point {
  readonly step: number;
  readonly value: number;
}

const HEIGHT = 180;
const MARGIN = { left: 64, right: 16, top: 12, bottom: 28 };
const TICKS = 4;
/** Room that a number of steps takes. */
const STEP_TICK = 70;
/** Rows of the table: more of a curve is not read as numbers. */
const MOST_ROWS = 25;

/** One figure over the steps of a training; its figures as a table below, for those who do not see it. */
@customElement('edgewise-training-curve')
export class TrainingCurve extends ChartElement {
  @property() override title = '';
  @property({ attribute: false }) points: readonly Point[] = [];
  /** The step whose weights were kept. */
  @property({ attribute: false }) best: number | null = null;
  /** Values are shares of 0 to 1. */
  @property({ attribute: false }) share = false;

  protected override render(): TemplateResult | typeof nothing {
    const { title, points, width, share } = this;
    if (points.length === 0) return nothing;
    return html`<h3>${title}</h3>
      <div class="plot curve">${width > 0 ? this.draw(width) : nothing}</div>
      <details>
        <summary>The same as a table</summary>
        ${twin(title, thinned(points), share)}
      </details>`;
  }

  private draw(width: number): TemplateResult {
    const { points, title, share, best } = this;
    const [bottom, right] = [HEIGHT - MARGIN.bottom, width - MARGIN.right];
    const x = scaleLinear()
      .domain([0, points.at(-1)?.step ?? 1])
      .range([MARGIN.left, right]);
    const [low = 0, high = 1] = extent(points, ({ value }) => value);
    const room = high === low ? Math.abs(high) / 10 || 1 : 0;
    const y = scaleLinear()
      .domain([low - room, high + room])
      .nice(TICKS)
      .range([bottom, MARGIN.top]);
    const path = line<Point>()
      .x(({ step }) => x(step))
      .y(({ value }) => y(value));
    const marked = points.find(({ step }) => step === best);
    return html`<svg
      class="chart"
      width=${width}
      height=${HEIGHT}
      viewBox="0 0 ${width} ${HEIGHT}"
      role="img"
      aria-label=${`${title} from ${figureText(points[0]?.value ?? 0, share)} to ${figureText(points.at(-1)?.value ?? 0, share)} over ${exact(points.at(-1)?.step ?? 0)} steps. The table below has the figures.`}
    >
      ${y.ticks(TICKS).map(
        (value) => svg`<line class="grid" x1=${MARGIN.left} x2=${right} y1=${y(value)} y2=${y(value)}></line>
          <text class="tick" x=${MARGIN.left - 8} y=${y(value)} dy="0.32em" text-anchor="end">${figureText(value, share)}</text>`,
      )}
      ${x.ticks(Math.max(2, Math.floor(width / STEP_TICK / 2))).map(
        (value) => svg`<line class="axis" x1=${x(value)} x2=${x(value)} y1=${bottom} y2=${bottom + 4}></line>
          <text class="tick" x=${x(value)} y=${bottom + 17} text-anchor="middle">${exact(value)}</text>`,
      )}
      <line class="axis" x1=${MARGIN.left} x2=${right} y1=${bottom} y2=${bottom}></line>
      ${svg`<path class="front" d=${path(points) ?? ''}></path>`}
      ${
        marked
          ? svg`<circle class="bubble after" cx=${x(marked.step)} cy=${y(marked.value)} r="5">
              <title>${`Kept: step ${exact(marked.step)}, ${figureText(marked.value, share)}`}</title>
            </circle>`
          : nothing
      }
    </svg>`;
  }
}

/** "99.2 %" for shares; else as many digits as tell. */
export const figureText = (value: number, share: boolean): string =>
  share && value >= 0 && value <= 1
    ? `${(value * 100).toFixed(1)} %`
    : value !== 0 && Math.abs(value) < 1e-3
      ? value.toExponential(1)
      : String(Number(value.toPrecision(3)));

/** Equally far from each other, with the first and the last. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_ROWS) return points;
  const at = Array.from({ length: MOST_ROWS }, (_, row) => Math.round((row * (points.length - 1)) / (MOST_ROWS - 1)));
  return at.flatMap((index) => points[index] ?? []);
}

const twin = (title: string, points: readonly Point[], share: boolean): TemplateResult =>
  html`<table class="twin">
    <thead>
      <tr>
        <th scope="col">Step</th>
        <th scope="col" class="number">${title}</th>
      </tr>
    </thead>
    <tbody>
      ${points.map(
        ({ step, value }) =>
          html`<tr>
            <th scope="row">${exact(step)}</th>
            <td class="number">${figureText(value, share)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
