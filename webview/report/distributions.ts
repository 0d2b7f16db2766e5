import { html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { exact, magnitude, plural } from '../shared/format';
import { PageElement } from '../shared/page-element';
import type { Distribution } from './report-types';

const WIDTH = 220;
const HEIGHT = 64;
/** Charts at first, and with each "Show more". */
const FIRST_CHARTS = 12;
const MORE_CHARTS = 60;

/** Histograms of weights before and after, drawn once they are asked for. */
@customElement('edgewise-distributions')
export class Distributions extends PageElement {
  @property({ attribute: false }) distributions: readonly Distribution[] = [];
  @state() private open = false;
  @state() private shown = FIRST_CHARTS;

  protected override render(): TemplateResult {
    const { distributions, shown, open } = this;
    const left = distributions.length - shown;
    return html`<details @toggle=${this.toggled}>
      <summary>Histograms of ${plural(distributions.length, 'layer')}, the most changed first</summary>
      ${
        open
          ? html`<p class="quiet legend-line">
                <span class="key before" aria-hidden="true"></span> before, as an area;
                <span class="key after" aria-hidden="true"></span> after, as a line. The height is the square root of
                the count.
              </p>
              <ul class="histograms">
                ${distributions.slice(0, shown).map(chart)}
              </ul>
              ${
                left > 0
                  ? html`<vscode-button appearance="secondary" class="more" @click=${() => (this.shown += MORE_CHARTS)}>
                      Show
                      ${left > MORE_CHARTS ? `${MORE_CHARTS} More of ${exact(left)}` : plural(left, 'More Layer', 'More Layers')}
                    </vscode-button>`
                  : nothing
              }`
          : nothing
      }
    </details>`;
  }

  private readonly toggled = (event: Event): void => {
    if (event.currentTarget instanceof HTMLDetailsElement) this.open = event.currentTarget.open;
  };
}

function chart({ layer, min: low, max: high, before, after }: Distribution): TemplateResult {
  const highest = Math.max(max(before) ?? 0, max(after) ?? 0, 1);
  // Codes gather in few bins: by their square roots, the weights between them are still seen.
  const y = scaleLinear()
    .domain([0, Math.sqrt(highest)])
    .range([HEIGHT, 1]);
  const x = scaleLinear()
    .domain([0, Math.max(1, before.length)])
    .range([0, WIDTH]);
  const points = (counts: readonly number[]): number[] => [...counts, counts.at(-1) ?? 0];
  const filled = area<number>()
    .curve(curveStepAfter)
    .x((_, index) => x(index))
    .y0(HEIGHT)
    .y1((count) => y(Math.sqrt(count)));
  const outline = line<number>()
    .curve(curveStepAfter)
    .x((_, index) => x(index))
    .y((count) => y(Math.sqrt(count)));
  const label = `${layer}: weights from ${magnitude(low)} to ${magnitude(high)}, in ${inUse(before)} of ${before.length} bins before and ${inUse(after)} after`;
  return html`<li>
    <p class="layer"><bdi title=${layer}>${layer}</bdi></p>
    <svg
      class="distribution"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      width=${WIDTH}
      height=${HEIGHT}
      role="img"
      aria-label=${label}
    >
      ${svg`<path class="before" d=${filled(points(before)) ?? ''}></path>
        <path class="after" d=${outline(points(after)) ?? ''}></path>`}
    </svg>
    <p class="quiet ends" aria-hidden="true"><span>${magnitude(low)}</span><span>${magnitude(high)}</span></p>
  </li>`;
}

const inUse = (counts: readonly number[]): number => counts.filter((count) => count > 0).length;
