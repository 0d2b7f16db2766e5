import { html, nothing, type TemplateResult } from 'lit';
import { exact, plural } from '../shared/format';
import type { ChangedSample, Report } from './report-types';

const VERDICTS = ['now wrong', 'now right', 'still wrong'] as const;
type Verdict = (typeof VERDICTS)[number];

function verdictOf({ label, before, after }: ChangedSample): Verdict | null {
  if (label === null) return null;
  if (before === label) return 'now wrong';
  return after === label ? 'now right' : 'still wrong';
}

/** The samples whose answer changed: the most convincing proof there is. */
export function gallery({ changed, paired, after }: Report): TemplateResult | typeof nothing {
  if (!paired && changed.total === 0) return nothing;
  const samples = paired?.samples ?? after.samples;
  return html`<section>
    <h2>Answers that changed</h2>
    <p>
      ${
        changed.total === 0
          ? `None of ${plural(samples, 'answer')} changed.`
          : `${exact(changed.total)} of ${plural(samples, 'answer')} changed.${shownNote(changed)}`
      }
    </p>
    ${
      changed.shown.length > 0
        ? html`<ul class="gallery">
            ${changed.shown.map(sample)}
          </ul>`
        : nothing
    }
  </section>`;
}

function shownNote({ total, shown }: Report['changed']): string {
  const counts = VERDICTS.map((verdict) => [verdict, shown.filter((one) => verdictOf(one) === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${exact(count)} ${verdict}`);
  const some = shown.length < total ? ` ${exact(shown.length)} of them are shown` : '';
  if (counts.length === 0) return some && `${some}.`;
  return some ? `${some}: ${counts.join(', ')}.` : ` ${counts.join(', ')}.`;
}

function sample(changed: ChangedSample): TemplateResult {
  const verdict = verdictOf(changed);
  return html`<li class=${verdict?.replace(' ', '-') ?? ''}>
    ${picture(changed)}
    <p class="answer"><span>${changed.before}</span> → <strong>${changed.after}</strong></p>
    ${changed.label === null ? nothing : html`<p class="quiet">label ${changed.label}</p>`}
    ${verdict === null ? nothing : html`<p class="verdict">${verdict}</p>`}
  </li>`;
}

/** Only a PNG inside the report is shown: a report is a file from anywhere, and must not fetch. */
const picture = ({ picture: data, index }: ChangedSample): TemplateResult =>
  data?.startsWith('data:image/png;base64,')
    ? html`<img src=${data} alt=${`Sample ${index}`} title=${`Sample ${index} of the test set`} loading="lazy" />`
    : html`<span class="no-picture" title="The input is not a picture">sample ${exact(index)}</span>`;
