import { html, type TemplateResult } from 'lit';
import { cssProperties } from '../shared/css-properties';
import { exact, magnitude, percent, points } from '../shared/format';
import { card } from './cards';
import { isShare, judgedName, judgedText } from './judged';
import type { Measurement, Report } from './report-types';

/** A change less likely than this by chance alone is called a change. */
const SIGNIFICANT = 0.05;

/** How good the answers are, before and after, with what chance alone would do. */
export function answersCard(report: Report): TemplateResult {
  const { before, after, paired } = report;
  const title = judgedName(after);
  if (after.metric === null || after.value === null)
    return card(title, 'Not measured', [], after.reason ?? 'No data was given.');
  const rows = [
    { label: 'Before', measured: before },
    { label: 'After', measured: after },
  ];
  return html`<div class="card">
    <h2>${title}</h2>
    <p class="headline">${answersHeadline(report)}</p>
    ${intervals(rows)}
    <p class="quiet">${answersNote(report)}${pairedNote(paired, after)}</p>
  </div>`;
}

function answersHeadline({ before, after }: Report): string {
  if (after.value === null) return '';
  if (after.metric === 'fidelity') return `${percent(after.value, 1)} the same answer`;
  if (before.value === null || before.metric !== after.metric) return judgedText(after, after.value);
  if (before.value === after.value) return 'The same';
  if (!isShare(after)) return `${judgedText(after, before.value)} to ${judgedText(after, after.value)}`;
  const difference = after.value - before.value;
  const small = Math.abs(difference) < 0.0005;
  return small ? 'Less than 0.1 points apart' : `${points(difference)} points`;
}

const answersNote = ({ after }: Report): string =>
  `${exact(after.samples)} samples; ${after.metric === 'fidelity' ? 'agreement with the original, without labels' : 'the lines are 95 % intervals'}.`;

function pairedNote(paired: Report['paired'], after: Measurement): string {
  if (!paired) return '';
  const agreement = isShare(after) ? ` Both answer the same on ${percent(paired.agreement, 1)}.` : '';
  if (paired.change === null || !paired.interval) return agreement;
  const [low, high] = paired.interval;
  const chance =
    paired.pValue === null
      ? ''
      : paired.pValue >= SIGNIFICANT
        ? `, within chance (p = ${paired.pValue.toFixed(2)})`
        : `, more than chance (p ${paired.pValue < 0.001 ? '< 0.001' : `= ${paired.pValue.toFixed(3)}`})`;
  const [change, from, to] = [paired.change, low, high].map(isShare(after) ? points : magnitude);
  return `${agreement} On the same samples: ${change ?? ''}${isShare(after) ? ' points' : ''} (${from ?? ''} to ${to ?? ''})${chance}.`;
}

/** Values as dots with their intervals, on a scale that shows the difference and says where it starts and ends. */
function intervals(rows: readonly { label: string; measured: Measurement }[]): TemplateResult {
  const [low, high, decimals] = scaleOf(rows.map(({ measured }) => measured));
  const at = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  const of: Pick<Measurement, 'headline'> = rows.at(-1)?.measured ?? {};
  return html`<dl class="pair">
      ${rows.map(({ label, measured: { value, interval } }) =>
        value === null
          ? html`<div>
              <dt>${label}</dt>
              <dd class="quiet">not measured</dd>
            </div>`
          : html`<div title=${intervalTooltip(of, value, interval)}>
              <dt>${label}</dt>
              <dd>
                <span
                  class=${`interval ${label.toLowerCase()}`}
                  aria-hidden="true"
                  ${cssProperties({
                    '--value': at(value),
                    '--low': at(interval?.[0] ?? value),
                    '--high': at(interval?.[1] ?? value),
                  })}
                ></span
                ><span class="number">${judgedText(of, value)}</span>
              </dd>
            </div>`,
      )}
    </dl>
    <p class="scale quiet" aria-hidden="true">
      <span>${judgedText(of, low, decimals)}</span><span>${judgedText(of, high, decimals)}</span>
    </p>`;
}

/** Where the scale begins and ends, whole percent for shares, and with how many decimals that is told. */
function scaleOf(measured: readonly Measurement[]): [low: number, high: number, decimals: number] {
  const known = measured.flatMap(({ value, interval }) => (value === null ? [] : [value, ...(interval ?? [])]));
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (measured.every(isShare))
    return [Math.max(0, Math.floor(least * 100 - 0.5) / 100), Math.min(1, Math.ceil(most * 100 + 0.5) / 100), 0];
  const margin = (most - least) * 0.1 || Math.abs(most) * 0.1 || 1;
  return [least - margin, most + margin, 1];
}

function intervalTooltip(of: Pick<Measurement, 'headline'>, value: number, interval: Measurement['interval']): string {
  const figure = isShare(of) ? `${exact(value * 100)} %` : exact(value);
  if (!interval) return figure;
  return `${figure}\n95 % interval: ${judgedText(of, interval[0], 2)} to ${judgedText(of, interval[1], 2)}`;
}
