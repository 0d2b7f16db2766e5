import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { bytes, exact, si } from '../shared/format';
import { axes, drawLabel } from './axes';
import { CHART_HEIGHT, ChartElement } from './chart-element';
import { layOut, type Bubble, type Chart, type PlacedBubble } from './bubbles';
import { isShare, judgedName, judgedText } from './judged';
import { modelsOf, ROLES } from './models';
import type { Measurement } from './report-types';

/** Accuracy against parameters, area by bytes; its figures as a table below, for those who do not see it. */
@customElement('edgewise-bubble-chart')
export class BubbleChart extends ChartElement {
  protected override render(): TemplateResult | typeof nothing {
    const { report, width } = this;
    if (!report) return nothing;
    const metric = judgedName(report.after);
    const bubbles = modelsOf(report);
    if (bubbles.length === 0)
      return html`<p class="quiet">Nothing to draw: ${report.after.reason ?? 'accuracy was not measured.'}</p>`;
    return html`<p class="quiet">
        ${metric} up, parameters to the right (log scale); the area is the size of the file.
      </p>
      <div class="plot">
        ${width > 0 ? this.draw(layOut(bubbles, width, CHART_HEIGHT, { share: isShare(report.after) }), report.after) : nothing}
      </div>
      <details>
        <summary>The same as a table</summary>
        ${twin(bubbles, report.after)}
      </details>`;
  }

  private draw(chart: Chart, after: Measurement): TemplateResult {
    const { width, height } = chart;
    return html`<svg
      class="chart"
      width=${width}
      height=${height}
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label=${`${judgedName(after)} against parameters for ${chart.bubbles.length} models; the area is the size of the file. The table below has the figures.`}
    >
      ${axes(chart, { x: (value) => si(value).replace('.0', ''), y: (value) => judgedText(after, value, chart.yDecimals) })}
      ${chart.bubbles.map((bubble) => drawBubble(bubble, after))}
      ${chart.bubbles.map((bubble) => drawLabel(bubble, this.isWide))}
    </svg>`;
  }
}

const drawBubble = (bubble: PlacedBubble, after: Measurement): SVGTemplateResult =>
  svg`<circle class=${`bubble ${bubble.kind}`} cx=${bubble.x} cy=${bubble.y} r=${bubble.radius}>
    <title>${`${bubble.name}\n${judgedText(after, bubble.value, 2)}\n${exact(bubble.parameters)} parameters\n${bytes(bubble.bytes)}`}</title>
  </circle>`;

const twin = (bubbles: readonly Bubble[], after: Measurement): TemplateResult =>
  html`<table class="twin">
    <thead>
      <tr>
        <th scope="col">Model</th>
        <th scope="col" class="number">${judgedName(after)}</th>
        <th scope="col" class="number">Parameters</th>
        <th scope="col" class="number">Size</th>
      </tr>
    </thead>
    <tbody>
      ${bubbles.map(
        (bubble) =>
          html`<tr>
            <th scope="row">${bubble.name}${ROLES[bubble.kind]}</th>
            <td class="number">${judgedText(after, bubble.value, 2)}</td>
            <td class="number">${exact(bubble.parameters)}</td>
            <td class="number">${bytes(bubble.bytes)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
