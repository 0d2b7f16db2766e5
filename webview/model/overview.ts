import { html, nothing, type TemplateResult } from 'lit';
import type { ModelMessage } from '../../src/protocol/page-messages';
import { cssProperties } from '../shared/css-properties';
import { bytes, exact, exactBytes, percent, shape, si } from '../shared/format';
import { findings, type Finding } from './findings';
import { heaviestModules, type Module } from './modules';

type Summary = ModelMessage['summary'];

/** What it is, how big, where the bytes are, what is odd. */
export const overview = (model: ModelMessage): TemplateResult =>
  html`<div class="overview">
    ${facts(model.summary)} ${totals(model.summary)}
    <div class="halves">${whereTheBytesAre(model.summary)} ${listFindings(model)}</div>
    ${metadata(model.summary)}
  </div>`;

function facts(summary: Summary): TemplateResult {
  return html`<dl class="facts">
    ${fact('Format', [FORMAT_NAMES[summary.format] ?? summary.format, summary.formatVersion, opset(summary)])}
    ${fact('Producer', [summary.producer || 'not said'])} ${values('Inputs', summary.inputs)}
    ${values('Outputs', summary.outputs)}
    ${
      summary.files.length > 1
        ? fact('Files', [summary.files.map((file) => `${file.name} (${bytes(file.bytes)})`).join(', ')])
        : nothing
    }
  </dl>`;
}

/** How formats are written; others stand as the summary calls them. */
const FORMAT_NAMES: Readonly<Record<string, string>> = { onnx: 'ONNX' };

const fact = (title: string, parts: readonly (string | null)[]): TemplateResult =>
  html`<div>
    <dt>${title}</dt>
    <dd>${parts.filter((part) => part).join(' · ')}</dd>
  </div>`;

function opset({ opset, opsets }: Summary): string | null {
  const others = Object.entries(opsets).filter(([domain]) => domain !== '' && domain !== 'ai.onnx');
  const all = [opset === null ? null : `opset ${opset}`, ...others.map(([domain, version]) => `${domain} ${version}`)];
  return all.filter((part) => part).join(', ') || null;
}

/** Values of one line each, up to this many. */
const VALUES_SHOWN = 8;

function values(title: string, all: Summary['inputs']): TemplateResult {
  const shown = all.slice(0, VALUES_SHOWN);
  return html`<div>
    <dt>${title}</dt>
    ${shown.map(
      (value) =>
        html`<dd>
          <bdi class="value">${value.name}</bdi> <code>${shape(value.shape)}</code> ${value.dtype ?? nothing}
        </dd>`,
    )}
    ${all.length > shown.length ? html`<dd class="quiet">and ${all.length - shown.length} more</dd>` : nothing}
  </div>`;
}

function totals(summary: Summary): TemplateResult {
  const { parameters, buffers, macs, peakActivationBytes } = summary;
  const withBuffers = buffers > 0 ? `\n${exact(buffers)} batch-norm statistics apart` : '';
  return html`<ul class="totals">
    ${total('Parameters', si(parameters), `${exact(parameters)} parameters${withBuffers}`)}
    ${total('Size', bytes(summary.bytes), exactBytes(summary.bytes))}
    ${macs === null ? unknown('MACs', summary) : total('MACs', si(macs), `${exact(macs)} multiply-accumulate operations`)}
    ${
      peakActivationBytes === null
        ? unknown('Peak activations', summary)
        : total('Peak activations', bytes(peakActivationBytes), exactBytes(peakActivationBytes))
    }
  </ul>`;
}

const total = (title: string, figure: string, exactly: string): TemplateResult =>
  html`<li title=${exactly}>
    <span class="figure">${figure}</span>
    <span class="quiet">${title}</span>
  </li>`;

function unknown(title: string, { symbols }: Summary): TemplateResult {
  const reason =
    symbols.length > 0
      ? `needs a value for ${symbols.slice(0, 3).join(', ')}${symbols.length > 3 ? ` and ${symbols.length - 3} more` : ''}`
      : 'an operator is not understood';
  return html`<li>
    <span class="figure unknown">unknown</span>
    <span class="quiet">${title}: ${reason}</span>
  </li>`;
}

function whereTheBytesAre({ layers }: Summary): TemplateResult {
  const { shown, rest } = heaviestModules(layers);
  if (shown.length === 0)
    return html`<section>
      <h2>Where the bytes are</h2>
      <p class="quiet">This model stores no weights.</p>
    </section>`;
  const longest = shown[0]?.share ?? 1;
  return html`<section>
    <h2>Where the bytes are</h2>
    <ul class="modules">
      ${[...shown, ...(rest ? [rest] : [])].map((module) => moduleBar(module, longest))}
    </ul>
  </section>`;
}

const moduleBar = (module: Module, longest: number): TemplateResult =>
  html`<li title=${`${module.name}\n${exactBytes(module.bytes)}\n${exact(module.parameters)} parameters`}>
    <bdi class="value">${module.name}</bdi>
    <span class="bar" aria-hidden="true" ${cssProperties({ '--share': Math.min(1, module.share / longest) })}></span>
    <span class="number">${percent(module.share, 0)}</span>
    <span class="number quiet">${bytes(module.bytes)}</span>
  </li>`;

function listFindings(model: ModelMessage): TemplateResult {
  const found = findings(model);
  return html`<section>
    <h2>Findings</h2>
    ${
      found.length === 0
        ? html`<p class="quiet">Nothing out of the ordinary.</p>`
        : html`<ul class="findings">
            ${found.map(finding)}
          </ul>`
    }
  </section>`;
}

const finding = ({ kind, text, estimate }: Finding): TemplateResult =>
  html`<li>
    <span
      class=${kind === 'warning' ? 'codicon codicon-warning' : 'codicon codicon-info'}
      role="img"
      aria-label=${kind === 'warning' ? 'Warning' : 'Information'}
    ></span>
    <span>${text}${estimate ? html` <span class="tag" title="Computed, not measured">estimate</span>` : nothing}</span>
  </li>`;

function metadata({ metadata }: Summary): TemplateResult | typeof nothing {
  const entries = Object.entries(metadata);
  if (entries.length === 0) return nothing;
  return html`<details>
    <summary>Metadata (${entries.length})</summary>
    <dl class="metadata">
      ${entries.map(
        ([key, value]) =>
          html`<dt>${key}</dt>
            <dd>${value.length > 500 ? `${value.slice(0, 500)}…` : value}</dd>`,
      )}
    </dl>
  </details>`;
}
