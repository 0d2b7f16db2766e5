import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { curveStepAfter, line } from 'd3-shape';
import { bytes, exactBytes, plural } from '../shared/format';
import { axes, drawLabel } from './axes';
import { CHART_HEIGHT, ChartElement } from './chart-element';
import { layOut, type Bubble, type Chart, type PlacedBubble } from './bubbles';
import { isShare, judgedName, judgedText } from './judged';
import { ROLES } from './models';
import { attemptsOf, bestOf, drawnOf, triedIn } from './pareto';
import type { Report } from './report-types';

/**
 * Accuracy against bytes, the best for their size joined by a line. Points are walked through with the arrow keys; the
 * figures are a table below, too.
 */
@customElement('edgewise-pareto-chart')
export class ParetoChart extends ChartElement {
  @state() private active = 0;

  protected override render(): TemplateResult | typeof nothing {
    const { report, width } = this;
    if (!report) return nothing;
    const points = attemptsOf(report);
    if (points.length === 0)
      return html`<p class="quiet">Nothing to draw: ${report.after.reason ?? 'accuracy was not measured.'}</p>`;
    const best = bestOf(points, report);
    const drawn = drawnOf(points, best, report);
    const where = triedIn(report).length > 0 ? ' Measured on the samples that the search chose on.' : '';
    const below = points.length - drawn.length;
    const name = judgedName(report.after);
    const share = isShare(report.after);
    const lower = report.after.headline?.better === 'lower' ? ', lower is better' : '';
    return html`<p class="quiet">
        ${name} up${lower}, bytes of the file to the right (log scale); the line joins the best for their
        size.${below > 0 ? ` ${plural(below, 'attempt')} far below ${below === 1 ? 'is' : 'are'} in the table only.` : ''}${where}
      </p>
      <div class="plot">
        ${width > 0 ? this.draw(layOut(this.labelled(drawn), width, CHART_HEIGHT, { along: 'bytes', share }), drawn, best, report) : nothing}
      </div>
      <details>
        <summary>The same as a table</summary>
        ${twin(points, best, report)}
      </details>`;
  }

  private draw(chart: Chart, points: readonly Bubble[], best: readonly Bubble[], { after }: Report): TemplateResult {
    const { width, height } = chart;
    // Placed ones keep the order of sizes, which is that of the keys.
    const placed = points.flatMap(({ name, bytes: size }) => {
      const found = chart.bubbles.find((bubble) => bubble.name === name && bubble.bytes === size);
      return found ? [found] : [];
    });
    const onFront = placed.filter(({ name }) => best.some((point) => point.name === name));
    const active = Math.min(this.active, placed.length - 1);
    return html`<svg
      class="chart"
      width=${width}
      height=${height}
      viewBox="0 0 ${width} ${height}"
      role="group"
      aria-label=${`${judgedName(after)} against size for ${points.length} models. Arrow keys go from point to point; the table below has the figures.`}
      @keydown=${(event: KeyboardEvent) => this.walk(event, placed.length)}
    >
      ${axes(chart, { x: (value) => bytes(value).replace('.0', ''), y: (value) => judgedText(after, value, chart.yDecimals) })}
      ${svg`<path class="front" d=${frontLine(onFront, chart)}></path>`}
      ${placed.map((point, index) => drawPoint(point, judgedText(after, point.value, 2), index === active))}
      ${placed.map((point) => drawLabel(point, this.isWide))}
    </svg>`;
  }

  /** Where there is little room, only this report's model is named. */
  private labelled(points: readonly Bubble[]): Bubble[] {
    return points.map((point) => (this.isWide || point.kind === 'after' ? point : { ...point, label: '' }));
  }

  private walk(event: KeyboardEvent, count: number): void {
    const steps: Partial<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.active = Math.max(0, Math.min(count - 1, this.active + step));
    void this.updateComplete.then(() => this.querySelector<SVGElement>('.point[tabindex="0"]')?.focus());
  }
}

/** What the best reach, as steps: between two of them the smaller one holds. */
function frontLine(front: readonly PlacedBubble[], { plot }: Chart): string {
  const last = front.at(-1);
  if (last === undefined) return '';
  const draw = line<{ x: number; y: number }>()
    .curve(curveStepAfter)
    .x(({ x }) => x)
    .y(({ y }) => y);
  return draw([...front, { x: plot.right, y: last.y }]) ?? '';
}

const drawPoint = (point: PlacedBubble, value: string, active: boolean): SVGTemplateResult => {
  const text = `${point.name}: ${value}, ${exactBytes(point.bytes)}`;
  return svg`<g class=${`point ${point.kind}`} role="img" aria-label=${text} tabindex=${active ? 0 : -1}>
    <title>${text}</title>
    <circle class=${`bubble ${point.kind}`} cx=${point.x} cy=${point.y} r=${point.radius}></circle>
  </g>`;
};

/** What tells a reader of the table which one it is; a search calls the original so. */
const note = ({ name, kind }: Bubble): string => (kind === 'before' && name === 'original' ? '' : ROLES[kind]);

const twin = (points: readonly Bubble[], best: readonly Bubble[], { after }: Report): TemplateResult =>
  html`<table class="twin">
    <thead>
      <tr>
        <th scope="col">Model</th>
        <th scope="col" class="number">${judgedName(after)}</th>
        <th scope="col" class="number">Size</th>
        <th scope="col">Best for its size</th>
      </tr>
    </thead>
    <tbody>
      ${points.map(
        (point) =>
          html`<tr>
            <th scope="row">${point.name}${note(point)}</th>
            <td class="number">${judgedText(after, point.value, 2)}</td>
            <td class="number" title=${exactBytes(point.bytes)}>${bytes(point.bytes)}</td>
            <td>${best.includes(point) ? 'yes' : ''}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
