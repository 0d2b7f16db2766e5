import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { cssProperties } from '../shared/css-properties';
import { exact, magnitude, plural } from '../shared/format';
import { PageElement } from '../shared/page-element';
import type { ActivationRange } from './report-types';

/** Rows at first, and with each "Show more". */
const FIRST_ROWS = 12;
const MORE_ROWS = 200;

/** What activations are stored as, the widest first: their codes are the coarsest. */
@customElement('edgewise-activation-ranges')
export class ActivationRanges extends PageElement {
  @property({ attribute: false }) ranges: readonly ActivationRange[] = [];
  @state() private shown = FIRST_ROWS;

  protected override render(): TemplateResult {
    const sorted = [...this.ranges].sort((a, b) => b.max - b.min - (a.max - a.min));
    const low = Math.min(0, ...sorted.map(({ min }) => min));
    const high = Math.max(0, ...sorted.map(({ max }) => max));
    const left = sorted.length - this.shown;
    return html`<p class="quiet">
        The widest first: the wider a range, the coarser its steps. All bars are on one scale, from ${magnitude(low)} to
        ${magnitude(high)}; the line is zero.
      </p>
      <table class="ranges">
        <thead>
          <tr>
            <th scope="col" class="name">Output of</th>
            <th scope="col" class="range">Range</th>
            <th scope="col" class="number">From</th>
            <th scope="col" class="number">To</th>
            <th scope="col" class="number">Step</th>
            <th scope="col" class="number bits">Bits</th>
          </tr>
        </thead>
        <tbody>
          ${sorted.slice(0, this.shown).map((range) => row(range, low, high))}
        </tbody>
      </table>
      ${
        left > 0
          ? html`<vscode-button appearance="secondary" class="more" @click=${() => (this.shown += MORE_ROWS)}>
              Show
              ${left > MORE_ROWS ? `${MORE_ROWS} More of ${exact(left)}` : plural(left, 'More Range', 'More Ranges')}
            </vscode-button>`
          : nothing
      }`;
  }
}

const row = (
  { name, min, max, scale, zeroPoint, bits }: ActivationRange,
  low: number,
  high: number,
): TemplateResult => {
  const at = (value: number): number => (high > low ? (value - low) / (high - low) : 0);
  return html`<tr>
    <th scope="row" class="name"><bdi title=${name}>${name}</bdi></th>
    <td class="range">
      <span
        class="span"
        aria-hidden="true"
        ${cssProperties({ '--low': at(min), '--high': at(max), '--zero': at(0) })}
      ></span>
    </td>
    <td class="number" title=${exact(min)}>${magnitude(min)}</td>
    <td class="number" title=${exact(max)}>${magnitude(max)}</td>
    <td class="number" title=${`Scale ${scale}, zero point ${zeroPoint}`}>${magnitude(scale)}</td>
    <td class="number bits">${bits}</td>
  </tr>`;
};
