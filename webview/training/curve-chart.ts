import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { line } from 'd3-shape';
import { exact } from '../shared/format';
import { PageElement } from '../shared/page-element';
import { layOutCurve, type CurveLayout, type Point } from './curve-layout';

/** The style sheet keeps the place until the width is known: nothing below jumps. */
const HEIGHT = 180;
/** For "best 97.67 %". */
const LABEL_ROOM = 100;
const LABEL_HEIGHT = 16;

/** One curve over the steps: read with the arrow keys, point by point, or under the mouse. */
@customElement('edgewise-curve-chart')
export class CurveChart extends PageElement {
  @property({ attribute: false }) points: readonly Point[] = [];
  @property({ attribute: false }) steps: number | null = null;
  /** "Loss" */
  @property({ attribute: false }) name = '';
  @property({ attribute: false }) text: (value: number) => string = String;
  /** Marked, and named. */
  @property({ attribute: false }) best: { readonly step: number; readonly value: number } | null = null;
  /** What the model that it began with reaches: a dashed line. */
  @property({ attribute: false }) original: number | null = null;
  /** Nothing lies above it: 1 for shares. */
  @property({ attribute: false }) most: number | null = null;
  /** Points are shown as such: there are few. */
  @property({ attribute: false }) dotted = false;
  /** Values may spread over decades. */
  @property({ attribute: false }) log = false;
  @state() private width = 0;
  /** The place of the point that is read; null: none. */
  @state() private read: number | null = null;

  private readonly observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.round(entry.contentRect.width);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  protected override render(): TemplateResult {
    const { points, name, width } = this;
    const last = points.at(-1);
    const read = this.read === null ? undefined : points[this.read];
    return html`<figure>
      <figcaption>
        <h2>${name}</h2>
        <span class="now">${last === undefined ? nothing : this.text(last[1])}</span>
        <span class="quiet read"
          >${read === undefined ? nothing : `step ${exact(read[0])}: ${this.text(read[1])}`}</span
        >
      </figcaption>
      <div class="plot">
        ${
          last === undefined
            ? html`<p class="quiet">Nothing yet.</p>`
            : width > 0
              ? this.draw(this.layOut(width), last)
              : nothing
        }
      </div>
    </figure>`;
  }

  private layOut(width: number): CurveLayout {
    const { points, steps, log, original: also, most } = this;
    return layOutCurve(points, { width, height: HEIGHT, steps, log, also, most });
  }

  private draw(layout: CurveLayout, last: Point): TemplateResult {
    const { width, height } = layout;
    const at = this.read === null ? '' : this.saidOf(this.points[this.read]);
    return html`<svg
      class="chart"
      width=${width}
      height=${height}
      viewBox="0 0 ${width} ${height}"
      role="slider"
      tabindex="0"
      aria-label=${`${this.name} by step.${this.original === null ? '' : ` The original reaches ${this.text(this.original)}.`} Arrow keys read it.`}
      aria-valuemin="0"
      aria-valuemax=${this.points.length - 1}
      aria-valuenow=${this.read ?? this.points.length - 1}
      aria-valuetext=${at === '' ? this.saidOf(last) : at}
      @keydown=${this.onKey}
      @pointermove=${(event: PointerEvent) => this.readAt(event, layout)}
      @pointerleave=${() => (this.read = null)}
      @blur=${() => (this.read = null)}
    >
      ${this.grid(layout)} ${this.original === null ? nothing : this.drawOriginal(layout, this.original)}
      <path class="curve" d=${this.path(layout)}></path>
      ${this.dotted ? this.points.map((point) => dot(layout, point, 'dot')) : nothing}
      ${this.best === null ? nothing : this.drawBest(layout, this.best)}
      ${this.read === null ? nothing : this.drawRead(layout, this.points[this.read])}
    </svg>`;
  }

  private grid({ plot, x, y, xTicks, yTicks }: CurveLayout): SVGTemplateResult {
    return svg`${yTicks.map(
      (value) => svg`<line class="grid" x1=${plot.left} x2=${plot.right} y1=${y(value)} y2=${y(value)}></line>
        <text class="tick" x=${plot.left - 8} y=${y(value)} dy="0.32em" text-anchor="end">${this.text(value)}</text>`,
    )}
    ${xTicks.map(
      (value) => svg`<line class="axis" x1=${x(value)} x2=${x(value)} y1=${plot.bottom} y2=${plot.bottom + 4}></line>
        <text class="tick" x=${x(value)} y=${plot.bottom + 17} text-anchor="middle">${exact(value)}</text>`,
    )}
    <line class="axis" x1=${plot.left} x2=${plot.right} y1=${plot.bottom} y2=${plot.bottom}></line>`;
  }

  private path({ x, y }: CurveLayout): string {
    const draw = line<Point>()
      .x(([step]) => x(step))
      .y(([, value]) => y(value));
    return draw([...this.points]) ?? '';
  }

  private drawOriginal({ plot, y }: CurveLayout, value: number): SVGTemplateResult {
    const at = y(value);
    // Above the line, unless that is where the plot ends.
    const above = at - 6 < plot.top + LABEL_HEIGHT ? at + LABEL_HEIGHT : at - 6;
    return svg`<line class="reference" x1=${plot.left} x2=${plot.right} y1=${at} y2=${at}></line>
      <text class="label" x=${plot.left + 6} y=${Math.min(plot.bottom - 4, above)}>original ${this.text(value)}</text>`;
  }

  private drawBest(layout: CurveLayout, { step, value }: { step: number; value: number }): SVGTemplateResult {
    const { x, y, plot } = layout;
    // A curve comes from below on the left: to the right and below there is most room.
    const isLeft = x(step) > plot.right - LABEL_ROOM;
    return svg`${dot(layout, [step, value], 'best')}
      <text class="label" x=${x(step) + (isLeft ? -9 : 9)} y=${Math.min(plot.bottom - 8, y(value) + 22)}
        text-anchor=${isLeft ? 'end' : 'start'}>best ${this.text(value)}</text>`;
  }

  private drawRead(layout: CurveLayout, point: Point | undefined): SVGTemplateResult | typeof nothing {
    if (point === undefined) return nothing;
    const { x, plot } = layout;
    return svg`<line class="reading" x1=${x(point[0])} x2=${x(point[0])} y1=${plot.top} y2=${plot.bottom}></line>
      ${dot(layout, point, 'dot')}`;
  }

  private saidOf(point: Point | undefined): string {
    return point === undefined ? '' : `step ${exact(point[0])}, ${this.text(point[1])}`;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const end = this.points.length - 1;
    const from = this.read ?? end;
    const places: Partial<Record<string, number>> = {
      ...{ ArrowRight: from + 1, ArrowUp: from + 1, ArrowLeft: from - 1, ArrowDown: from - 1 },
      ...{ PageUp: from + 10, PageDown: from - 10, Home: 0, End: end },
    };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    this.read = Math.max(0, Math.min(end, place));
  };

  private readAt(event: PointerEvent, { x }: CurveLayout): void {
    const step = x.invert(event.offsetX);
    let nearest = 0;
    for (const [index, [at]] of this.points.entries())
      if (Math.abs(at - step) < Math.abs((this.points[nearest]?.[0] ?? 0) - step)) nearest = index;
    this.read = nearest;
  }
}

const dot = ({ x, y }: CurveLayout, [step, value]: Point, kind: string): SVGTemplateResult =>
  svg`<circle class=${kind} cx=${x(step)} cy=${y(value)} r=${kind === 'best' ? 5 : 3}></circle>`;
