import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from '../shared/css-properties';
import { exact, percent, plural, points } from '../shared/format';
import type { ClassResults, Report } from './report-types';

/** A matrix of more classes is wider than a page; the most frequent confusions are listed instead. */
const LARGEST_MATRIX = 20;
const FIRST_CLASSES = 20;

type ClassRow = ClassResults['perClass'][number] & { before: number | null; recall: number | null };

/** What became of each class, the most damaged first, and which are taken for which. */
export function classes({ before, after }: Report): TemplateResult | typeof nothing {
  const results = after.classes;
  if (results === undefined || results.perClass.length === 0) return nothing;
  const rows = results.perClass
    .map((one, index): ClassRow => ({ ...one, recall: recall(one), before: recall(before.classes?.perClass[index]) }))
    .filter(({ samples, answered }) => samples + answered > 0)
    .sort((a, b) => change(a) - change(b) || (a.recall ?? 0) - (b.recall ?? 0));
  const [first, rest] = [rows.slice(0, FIRST_CLASSES), rows.slice(FIRST_CLASSES)];
  return html`<section>
    <h2>Classes, the most damaged first</h2>
    ${classTable(first)}
    ${
      rest.length > 0
        ? html`<details>
            <summary>${plural(rest.length, 'more class', 'more classes')}</summary>
            ${classTable(rest)}
          </details>`
        : nothing
    }
    ${confusions(results)}
  </section>`;
}

const recall = (one: ClassResults['perClass'][number] | undefined): number | null =>
  one === undefined || one.samples === 0 ? null : one.correct / one.samples;

const change = ({ before, recall: after }: ClassRow): number =>
  before === null || after === null ? 0 : after - before;

const share = (value: number | null): string => (value === null ? '' : percent(value, 1));

const classTable = (rows: readonly ClassRow[]): TemplateResult =>
  html`<table>
    <thead>
      <tr>
        <th scope="col">Class</th>
        <th scope="col" class="number optional">Samples</th>
        <th scope="col" class="number" title="Of the samples of the class, those found">Recall before</th>
        <th scope="col" class="number" title="Of the samples of the class, those found">Recall after</th>
        <th scope="col" class="number">Points</th>
        <th scope="col" class="number optional" title="Of the answers with this class, those right">Precision after</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <th scope="row"><bdi>${row.name}</bdi></th>
            <td class="number optional">${exact(row.samples)}</td>
            <td class="number">${share(row.before)}</td>
            <td class="number">${share(row.recall)}</td>
            <td class="number">${row.before === null || row.recall === null ? '' : points(row.recall - row.before)}</td>
            <td class="number optional">${row.answered === 0 ? '' : percent(row.correct / row.answered, 1)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

function confusions({ perClass, confusion, confused = [] }: ClassResults): TemplateResult | typeof nothing {
  const name = (index: number): string => perClass[index]?.name ?? String(index);
  if (confusion !== null && confusion.length > 0 && confusion.length <= LARGEST_MATRIX) return matrix(confusion, name);
  if (confused.length === 0) return nothing;
  return html`<h3>Taken for another, after</h3>
    <ul class="confused">
      ${confused
        .slice(0, FIRST_CLASSES)
        .map(
          ({ label, answer, samples }) =>
            html`<li><bdi>${name(label)}</bdi> as <bdi>${name(answer)}</bdi>: ${exact(samples)}</li>`,
        )}
    </ul>`;
}

/** Samples by label (rows) and answer (columns). Mistakes are shaded by their number; all have their figure. */
function matrix(confusion: readonly (readonly number[])[], name: (index: number) => string): TemplateResult {
  const mistakes = confusion.flatMap((row, label) => row.filter((_, answer) => answer !== label));
  const most = Math.max(1, ...mistakes);
  return html`<h3>Labels and answers, after</h3>
    <div class="matrix" tabindex="0" role="region" aria-label="Labels and answers, after">
      <table>
        <thead>
          <tr>
            <th scope="col">Label</th>
            ${confusion.map((_, index) => html`<th scope="col" class="number"><bdi>${name(index)}</bdi></th>`)}
          </tr>
        </thead>
        <tbody>
          ${confusion.map((row, label) => {
            return html`<tr>
              <th scope="row"><bdi>${name(label)}</bdi></th>
              ${row.map(
                (count, answer) =>
                  html`<td
                    class=${`number ${label === answer ? 'right' : count > 0 ? 'mistake' : 'none'}`}
                    ${cssProperties({ '--share': Math.min(1, count / most) })}
                  >
                    ${count === 0 ? '·' : exact(count)}
                  </td>`,
              )}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
}
