import { html, nothing, type TemplateResult } from 'lit';
import { exact, plural } from '../shared/format';
import type { Report, ReportActions } from './report-types';

/** How the report was made: everything that making it again takes. */
export const provenance = (report: Report, actions: ReportActions): TemplateResult =>
  html`<section>
    <h2>How it was made</h2>
    <div class="command">
      <code>${report.command}</code>
      <vscode-button appearance="secondary" @click=${actions.copyCommand}>Copy as Command</vscode-button>
    </div>
    <dl class="provenance">
      ${line('Made', time(report.created))} ${line('Original', file(report.source, report.hashes.source))}
      ${report.output === null ? nothing : line('Compressed', file(report.output, report.hashes.output))}
      ${report.data.map((used) => dataLine(used, report.training))} ${line('Machine', machine(report.machine))}
      ${line('Versions', versions(report.versions))}
    </dl>
    <details>
      <summary>Recipe</summary>
      <pre tabindex="0" aria-label="Recipe" role="region">${JSON.stringify(report.recipe, null, 2)}</pre>
    </details>
  </section>`;

const line = (title: string, content: TemplateResult | string): TemplateResult =>
  html`<div>
    <dt>${title}</dt>
    <dd>${content}</dd>
  </div>`;

function time(created: string): TemplateResult | string {
  const date = new Date(created);
  if (Number.isNaN(date.getTime())) return created;
  const shown = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' }).format(date);
  return html`<time datetime=${created} title=${created}>${shown}</time>`;
}

const file = (path: string, hash: string | null): TemplateResult =>
  html`<bdi>${path}</bdi>${hash === null ? nothing : html`<br /><code class="quiet">${hash}</code>`}`;

const machine = ({ processor, platform, threads }: Report['machine']): string =>
  `${processor}, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${platform}`;

const versions = (all: Report['versions']): string =>
  Object.entries(all)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

type Used = Report['data'][number];

const VERBS: Readonly<Record<Used['role'], string>> = {
  training: 'Trained on',
  calibration: 'Calibrated on',
  test: 'Tested on',
};

function dataLine({ role, source, samples, selection }: Used, trained: Report['training']): TemplateResult {
  const counted = plural(samples, 'sample');
  if (source === 'random') return line(VERBS[role], `${counted} of random values, which prove speed only`);
  const divided = role === 'training' && trained?.samples ? `; ${dividedText(trained.samples, trained.seed)}` : '';
  return line(VERBS[role], html`${counted} of <bdi>${source}</bdi> (${selection})${divided}`);
}

const dividedText = ({ learning, choosing }: { learning: number; choosing: number }, seed: number): string =>
  `${exact(learning)} were learned from, ${exact(choosing)} chose the best weights, seed ${seed}`;
