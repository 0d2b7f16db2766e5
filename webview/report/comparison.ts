import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from '../shared/css-properties';
import { bytes, exact, exactBytes, milliseconds, percent, points, si, times } from '../shared/format';
import type { Measurement, Report } from './report-types';

/** Ratios closer to 1 are called the same; latency swings by a few percent from run to run. */
const SAME_SIZE = 1.02;
const SAME_SPEED = 1.05;
/** A change less likely than this by chance alone is called a change. */
const SIGNIFICANT = 0.05;

/** Before and after, figure by figure. */
export const comparison = (report: Report): TemplateResult =>
  html`<section aria-label="Before and after" class="cards">
    ${sizeCard('Size', report.before.bytes, report.after.bytes)}
    ${
      report.before.gzipBytes === null || report.after.gzipBytes === null
        ? nothing
        : sizeCard('Size, gzip', report.before.gzipBytes, report.after.gzipBytes)
    }
    ${answersCard(report)} ${latencyCard(report)} ${parametersCard(report)} ${loadCard(report)}
  </section>`;

interface Bar {
  label: string;
  figure: string;
  exact: string;
  /** 0..1 of the longest bar. */
  share: number;
  /** 0..1, where a second figure stands; null for none. */
  mark: number | null;
}

const card = (title: string, headline: string, bars: readonly Bar[], note: string | null = null): TemplateResult =>
  html`<div class="card">
    <h2>${title}</h2>
    <p class="headline">${headline}</p>
    <dl class="pair">${bars.map(pairRow)}</dl>
    ${note === null ? nothing : html`<p class="quiet">${note}</p>`}
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

function twoBars(
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

function ratio(before: number, after: number, same: number, better: string, worse: string): string {
  if (before <= 0 || after <= 0) return before === after ? 'The same' : '';
  const factor = before / after;
  if (factor < same && 1 / factor < same) return 'The same';
  if (Math.max(factor, 1 / factor) < 1.095) return `${percent(Math.abs(factor - 1), 0)} ${factor > 1 ? better : worse}`;
  return factor > 1 ? `${times(factor)} times ${better}` : `${times(1 / factor)} times ${worse}`;
}

const sizeCard = (title: string, before: number, after: number): TemplateResult =>
  card(title, ratio(before, after, SAME_SIZE, 'smaller', 'larger'), twoBars(before, after, bytes, exactBytes));

function parametersCard({ before, after }: Report): TemplateResult {
  const exactly = (value: number): string => `${exact(value)} parameters`;
  const headline =
    before.parameters === after.parameters
      ? 'The same'
      : ratio(before.parameters, after.parameters, 1, 'fewer', 'more');
  return card('Parameters', headline, twoBars(before.parameters, after.parameters, si, exactly));
}

function loadCard({ before, after }: Report): TemplateResult | typeof nothing {
  if (before.loadMs === null || after.loadMs === null) return nothing;
  const headline = ratio(before.loadMs, after.loadMs, SAME_SPEED, 'faster', 'slower');
  return card(
    'Loading',
    headline,
    twoBars(before.loadMs, after.loadMs, milliseconds, (value) => `${exact(value)} ms`),
  );
}

function latencyCard({ before, after }: Report): TemplateResult {
  const first = before.latencyMs;
  const second = after.latencyMs;
  if (!first || !second) return card('Latency', 'Not measured', [], after.reason ?? before.reason ?? null);
  const headline = ratio(first.median, second.median, SAME_SPEED, 'faster', 'slower');
  const faster = first.median > second.median;
  const apart = faster ? second.p95 < first.median : first.p95 < second.median;
  const slower = Math.max(first.median, second.median);
  // One run that was held up must not make the bars of all others too short to compare.
  const longest = Math.min(Math.max(first.p95, second.p95), slower * 2);
  const bar = (label: string, { median, p95 }: NonNullable<Measurement['latencyMs']>): Bar => ({
    ...{ label, figure: milliseconds(median), share: median / longest, mark: p95 <= longest ? p95 / longest : null },
    exact: `Median ${exact(median)} ms\n95 % of the runs below ${exact(p95)} ms`,
  });
  const runs = `Median of ${exact(second.runs)} runs, batch ${second.batch}, ${second.threads === 1 ? '1 thread' : `${second.threads} threads`}. `;
  const tail = `95\u00a0% below ${milliseconds(first.p95)} before, ${milliseconds(second.p95)} after.`;
  const spread = apart || headline === 'The same' ? '' : ' The difference is within the spread of the runs.';
  return card('Latency', headline, [bar('Before', first), bar('After', second)], runs + tail + spread);
}

function answersCard(report: Report): TemplateResult {
  const { before, after, paired } = report;
  const title = after.metric === 'fidelity' ? 'Fidelity' : 'Accuracy';
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
    <p class="quiet">${answersNote(report)}${pairedNote(paired)}</p>
  </div>`;
}

function answersHeadline({ before, after }: Report): string {
  if (after.value === null) return '';
  if (after.metric === 'fidelity') return `${percent(after.value, 1)} the same answer`;
  if (before.value === null) return percent(after.value, 1);
  if (before.value === after.value) return 'The same';
  const difference = after.value - before.value;
  const small = Math.abs(difference) < 0.0005;
  return small ? 'Less than 0.1 points apart' : `${points(difference)} points`;
}

const answersNote = ({ after }: Report): string =>
  `${exact(after.samples)} samples; ${after.metric === 'fidelity' ? 'agreement with the original, without labels' : 'the lines are 95 % intervals'}.`;

function pairedNote(paired: Report['paired']): string {
  if (!paired) return '';
  const agreement = ` Both answer the same on ${percent(paired.agreement, 1)}.`;
  if (paired.change === null || !paired.interval) return agreement;
  const [low, high] = paired.interval;
  const chance =
    paired.pValue === null
      ? ''
      : paired.pValue >= SIGNIFICANT
        ? `, within chance (p = ${paired.pValue.toFixed(2)})`
        : `, more than chance (p ${paired.pValue < 0.001 ? '< 0.001' : `= ${paired.pValue.toFixed(3)}`})`;
  return `${agreement} On the same samples: ${points(paired.change)} points (${points(low)} to ${points(high)})${chance}.`;
}

/** Shares as dots with their intervals, on a scale that shows the difference and says where it starts and ends. */
function intervals(rows: readonly { label: string; measured: Measurement }[]): TemplateResult {
  const known = rows.flatMap(({ measured }) =>
    measured.value === null ? [] : [measured.value, ...(measured.interval ?? [])],
  );
  const low = Math.max(0, Math.floor(Math.min(...known) * 100 - 0.5) / 100);
  const high = Math.min(1, Math.ceil(Math.max(...known) * 100 + 0.5) / 100);
  const at = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  return html`<dl class="pair">
      ${rows.map(({ label, measured: { value, interval } }) =>
        value === null
          ? html`<div>
              <dt>${label}</dt>
              <dd class="quiet">not measured</dd>
            </div>`
          : html`<div title=${intervalTooltip(value, interval)}>
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
                ><span class="number">${percent(value, 1)}</span>
              </dd>
            </div>`,
      )}
    </dl>
    <p class="scale quiet" aria-hidden="true"><span>${percent(low, 0)}</span><span>${percent(high, 0)}</span></p>`;
}

function intervalTooltip(value: number, interval: Measurement['interval']): string {
  const figure = `${exact(value * 100)} %`;
  return interval ? `${figure}\n95 % interval: ${percent(interval[0], 2)} to ${percent(interval[1], 2)}` : figure;
}
