import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from '../shared/css-properties';
import { percent, times } from '../shared/format';

export interface Bar {
  label: string;
  figure: string;
  exact: string;
  /** 0..1 of the longest bar. */
  share: number;
  /** 0..1, where a second figure stands; null for none. */
  mark: number | null;
}

/** One pair of figures: what came of it in words, both as bars, and what there is to know about them. */
export const card = (
  title: string,
  headline: string,
  bars: readonly Bar[],
  note: string | null = null,
): TemplateResult =>
  html`<div class="card">
    <h2>${title}</h2>
    <p class="headline">${headline}</p>
    ${bars.length === 0 ? nothing : html`<dl class="pair">${bars.map(pairRow)}</dl>`}
    ${note === null || note === '' ? nothing : html`<p class="quiet">${note}</p>`}
  </div>`;

const pairRow = ({ label, figure, exact, share, mark }: Bar): TemplateResult =>
  html`<div title=${exact}>
    <dt>${label}</dt>
    <dd>
      <span
        class=${`bar ${label.toLowerCase()} ${mark === null ? '' : 'marked'}`}
        aria-hidden="true"
        ${cssProperties({ '--share': share, '--mark': mark ?? 0 })}
      ></span
      ><span class="number">${figure}</span>
    </dd>
  </div>`;

export function twoBars(
  before: number,
  after: number,
  show: (value: number) => string,
  exactly: (value: number) => string,
): Bar[] {
  const longest = Math.max(before, after, Number.MIN_VALUE);
  const bar = (label: string, value: number): Bar => ({
    ...{ label, figure: show(value), exact: exactly(value), share: value / longest, mark: null },
  });
  return [bar('Before', before), bar('After', after)];
}

/** "3.3 times smaller", "4 % larger", "The same": ratios closer to 1 than `same` are called so. */
export function ratio(before: number, after: number, same: number, better: string, worse: string): string {
  if (before <= 0 || after <= 0) return before === after ? 'The same' : '';
  const factor = before / after;
  if (factor < same && 1 / factor < same) return 'The same';
  if (Math.max(factor, 1 / factor) < 1.095) return `${percent(Math.abs(factor - 1), 0)} ${factor > 1 ? better : worse}`;
  return factor > 1 ? `${times(factor)} times ${better}` : `${times(1 / factor)} times ${worse}`;
}
