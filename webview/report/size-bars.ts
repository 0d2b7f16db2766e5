import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from '../shared/css-properties';
import { bytes, exactBytes, times } from '../shared/format';
import { sizeGroups, type SizeGroup } from './size-groups';
import type { Report } from './report-types';

/** A part narrower than this share of the bar has no room for its number. */
const ROOM_FOR_NUMBER = 0.03;

/** Where the bytes are, before and after, as bars of parts to one scale; the parts are numbered as in the table below. */
export function sizeBars(report: Report): TemplateResult | typeof nothing {
  const groups = sizeGroups(report);
  if (groups.length < 2) return nothing;
  const longest = Math.max(total(groups, 'before'), total(groups, 'after'), 1);
  return html`<section>
    <h2>Where the bytes are</h2>
    <div class="stacks" aria-hidden="true">
      ${stack('Before', groups, 'before', longest)} ${stack('After', groups, 'after', longest)}
    </div>
    ${legend(groups)}
  </section>`;
}

type Side = 'before' | 'after';

const total = (groups: readonly SizeGroup[], side: Side): number => groups.reduce((sum, group) => sum + group[side], 0);

const stack = (label: string, groups: readonly SizeGroup[], side: Side, longest: number): TemplateResult =>
  html`<div class="stack">
    <span>${label}</span>
    <div class="parts">
      ${groups.map((group, index) => {
        const share = group[side] / longest;
        return html`<span
          class=${`part part-${index}`}
          title=${`${group.name}: ${bytes(group[side])}`}
          ${cssProperties({ '--share': share })}
          >${share >= ROOM_FOR_NUMBER ? index + 1 : ''}</span
        >`;
      })}
    </div>
  </div>`;

const legend = (groups: readonly SizeGroup[]): TemplateResult =>
  html`<table class="legend">
    <thead>
      <tr>
        <th scope="col">Part</th>
        <th scope="col" class="number">Before</th>
        <th scope="col" class="number">After</th>
        <th scope="col" class="number">Smaller</th>
      </tr>
    </thead>
    <tbody>
      ${groups.map(
        (group, index) =>
          html`<tr>
            <th scope="row">
              <span class=${`part swatch part-${index}`} aria-hidden="true">${index + 1}</span>
              <bdi>${group.name}</bdi>
            </th>
            <td class="number" title=${exactBytes(group.before)}>${bytes(group.before)}</td>
            <td class="number" title=${exactBytes(group.after)}>${bytes(group.after)}</td>
            <td class="number">${factor(group)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

function factor({ before, after }: SizeGroup): string {
  if (before === after) return 'the same';
  return after > 0 && before > after ? `${times(before / after)} times` : after > before ? 'larger' : 'gone';
}
