import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bytes, exact, percent, si } from '../shared/format';
import { PageElement } from '../shared/page-element';
import { layOut, type Bubble, type Chart, type PlacedBubble } from './bubbles';
import type { Report } from './report-types';

/** The style sheet keeps the place until the width is known: nothing below jumps. */
const HEIGHT = 320;
const NAME_LENGTH = 20;
/** Below this width in px, labels leave their sizes to the table. */
const NARROW = 520;

/** Accuracy against parameters, area by bytes; its figures as a table below, for those who do not see it. */
@customElement('edgewise-bubble-chart')
export class BubbleChart extends PageElement {
  @property({ attribute: false }) report: Report | null = null;
  @state() private width = 0;

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

  protected override render(): TemplateResult | typeof nothing {
    const { report, width } = this;
    if (!report) return nothing;
    const metric = report.after.metric === 'fidelity' ? 'Fidelity' : 'Accuracy';
    const bubbles = bubblesOf(report);
    if (bubbles.length === 0)
      return html`<p class="quiet">Nothing to draw: ${report.after.reason ?? 'accuracy was not measured.'}</p>`;
    return html`<p class="quiet">
        ${metric} up, parameters to the right (log scale); the area is the size of the file.
      </p>
      <div class="plot">${width > 0 ? this.draw(layOut(bubbles, width, HEIGHT), metric) : nothing}</div>
      <details>
        <summary>The same as a table</summary>
        ${twin(bubbles, metric)}
      </details>`;
  }

  private draw(chart: Chart, metric: string): TemplateResult {
    const { width, height, plot } = chart;
    return html`<svg
      class="chart"
      width=${width}
      height=${height}
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label=${`${metric} against parameters for ${chart.bubbles.length} models; the area is the size of the file. The table below has the figures.`}
    >
      ${chart.yTicks.map(
        ({ at, value }) => svg`<line class="grid" x1=${plot.left} x2=${plot.right} y1=${at} y2=${at}></line>
        <text class="tick" x=${plot.left - 8} y=${at} dy="0.32em" text-anchor="end">${percent(value, chart.yDecimals)}</text>`,
      )}
      ${chart.xTicks.map(
        ({ at, value }) => svg`<line class="axis" x1=${at} x2=${at} y1=${plot.bottom} y2=${plot.bottom + 4}></line>
        <text class="tick" x=${at} y=${plot.bottom + 17} text-anchor="middle">${si(value).replace('.0', '')}</text>`,
      )}
      ${svg`<line class="axis" x1=${plot.left} x2=${plot.right} y1=${plot.bottom} y2=${plot.bottom}></line>`}
      ${chart.bubbles.map(drawBubble)} ${chart.bubbles.map((bubble) => drawLabel(bubble, width > NARROW))}
    </svg>`;
  }
}

function bubblesOf({ before, after, others, source, output }: Report): Bubble[] {
  const original = fileName(source);
  const compressed = fileName(output ?? source);
  const all = [
    { ...before, name: original, label: 'original', kind: 'before' as const },
    { ...after, name: compressed, label: shortName(compressed, original) || 'compressed', kind: 'after' as const },
    ...others.map((other) => ({ ...other, label: shortName(other.name, original), kind: 'other' as const })),
  ];
  return all.flatMap(({ name, label, kind, value, parameters, bytes: size }) =>
    value === null ? [] : [{ name, label, kind, value, parameters, bytes: size }],
  );
}

const fileName = (path: string): string => path.split('/').at(-1) ?? path;

/** What tells a model from the original: "int8" of "resnet14.int8.onnx". */
function shortName(name: string, original: string): string {
  const stem = (file: string): string => file.replace(/\.\w+$/, '');
  const own = stem(fileName(name));
  const common = `${stem(original)}.`;
  const short = own.startsWith(common) ? own.slice(common.length) : own === stem(original) ? '' : own;
  return short.length > NAME_LENGTH ? `${short.slice(0, NAME_LENGTH)}…` : short;
}

const drawBubble = (bubble: PlacedBubble): SVGTemplateResult =>
  svg`<circle class=${`bubble ${bubble.kind}`} cx=${bubble.x} cy=${bubble.y} r=${bubble.radius}>
    <title>${`${bubble.name}\n${percent(bubble.value, 2)}\n${exact(bubble.parameters)} parameters\n${bytes(bubble.bytes)}`}</title>
  </circle>`;

function drawLabel(
  { label: text, kind, bytes: size, x, y, radius, beside }: PlacedBubble,
  withSize: boolean,
): SVGTemplateResult {
  const sign = beside.anchor === 'start' ? 1 : -1;
  return svg`<line class="leader" x1=${x + sign * radius} y1=${y} x2=${beside.x - sign * 2} y2=${beside.y}></line>
    <text class=${`label ${kind}`} x=${beside.x} y=${beside.y} dy="0.32em" text-anchor=${beside.anchor}>${withSize ? `${text}, ${bytes(size)}` : text}</text>`;
}

const twin = (bubbles: readonly Bubble[], metric: string): TemplateResult =>
  html`<table class="twin">
    <thead>
      <tr>
        <th scope="col">Model</th>
        <th scope="col" class="number">${metric}</th>
        <th scope="col" class="number">Parameters</th>
        <th scope="col" class="number">Size</th>
      </tr>
    </thead>
    <tbody>
      ${bubbles.map(
        (bubble) =>
          html`<tr>
            <th scope="row">
              ${bubble.name}${bubble.kind === 'before' ? ' (original)' : bubble.kind === 'after' ? ' (this report)' : ''}
            </th>
            <td class="number">${percent(bubble.value, 2)}</td>
            <td class="number">${exact(bubble.parameters)}</td>
            <td class="number">${bytes(bubble.bytes)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
