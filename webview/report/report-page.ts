import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { PageElement } from '../shared/page-element';
import { comparison } from './comparison';
import { gallery } from './gallery';
import type { LayerDamage } from './layer-damage';
import { charts, layerSections } from './sections';
import { metrics } from './metrics';
import { classes } from './classes';
import { sizeBars } from './size-bars';
import { targets } from './targets';
import { training } from './training';
import { nextSteps } from './next-steps';
import type { PageState } from './page-state';
import { provenance } from './provenance';
import type { Report, ReportActions } from './report-types';

/** How long "Copied" is said. */
const SAID_MS = 2000;

/** The report, from the verdict down to how it was made. */
@customElement('edgewise-report')
export class ReportPage extends PageElement {
  @state() private file = '';
  @state() private report: Report | null = null;
  @state() private problem: string | null = null;
  @state() private said = '';

  private actions: ReportActions | null = null;
  private openAsText: (() => void) | null = null;
  private onMoved: (() => void) | null = null;

  /** Calls `listener` whenever what `pageState` holds changed. */
  watch(listener: () => void): void {
    this.onMoved = listener;
    window.addEventListener('scroll', listener, { passive: true });
  }

  get pageState(): PageState | null {
    const layers = this.damage;
    return layers && { file: this.file, order: layers.order, shown: layers.shown, top: window.scrollY };
  }

  /** Goes back to where the report was left, when it is the same. */
  async restore({ file, order, shown, top }: PageState): Promise<void> {
    if (file !== this.file) return;
    await this.updateComplete;
    const layers = this.damage;
    if (layers) Object.assign(layers, { order, shown });
    await layers?.updateComplete;
    window.scrollTo({ top });
  }

  private get damage(): LayerDamage | null {
    return this.querySelector<LayerDamage>('edgewise-layer-damage');
  }

  /** To be called once, before the page is attached. */
  use(actions: ReportActions, openAsText: (() => void) | null): void {
    this.actions = actions;
    this.openAsText = openAsText;
  }

  show(report: Report, file: string): void {
    this.problem = null;
    this.report = report;
    this.file = file;
  }

  fail(problem: string): void {
    this.problem = problem;
  }

  /** Says something short to everybody, screen readers included. */
  say(text: string): void {
    this.said = text;
    window.setTimeout(() => (this.said = ''), SAID_MS);
  }

  protected override render(): TemplateResult {
    const { report, actions } = this;
    if (this.problem !== null) return this.renderProblem(this.problem);
    if (!report || !actions) return html`<p class="notice" role="status">Reading the report</p>`;
    return html`<main>
      <header>
        <p class="quiet"><bdi>${this.file}</bdi></p>
        <h1>${report.verdict}</h1>
        ${targets(report)} ${warnings(report.warnings)} ${this.renderActions(report, actions)}
      </header>
      ${comparison(report)} ${metrics(report)} ${sizeBars(report)} ${charts(report)} ${training(report)}
      ${layerSections(report, () => this.onMoved?.())} ${classes(report)} ${gallery(report)}
      ${nextSteps(report, actions)} ${provenance(report, actions)}
      <p class="toast" role="status" ?data-said=${this.said !== ''}>${this.said}</p>
    </main>`;
  }

  private renderActions({ output }: Report, actions: ReportActions): TemplateResult | typeof nothing {
    const { openOutput, openSource, exportHtml } = actions;
    if (!openOutput && !openSource && !exportHtml) return nothing;
    return html`<div class="actions">
      ${output !== null && openOutput ? html`<vscode-button @click=${openOutput}>Open Compressed Model</vscode-button>` : nothing}
      ${openSource ? html`<vscode-button appearance="secondary" @click=${openSource}>Open Original</vscode-button>` : nothing}
      ${exportHtml ? html`<vscode-button appearance="secondary" @click=${exportHtml}>Export as HTML…</vscode-button>` : nothing}
    </div>`;
  }

  private renderProblem(problem: string): TemplateResult {
    const { openAsText } = this;
    return html`<div class="problem" role="alert">
      <div>
        <p>${problem}</p>
        ${openAsText ? html`<vscode-button appearance="secondary" @click=${openAsText}>Open as Text</vscode-button>` : nothing}
      </div>
    </div>`;
  }
}

const warnings = (all: readonly string[]): TemplateResult | typeof nothing =>
  all.length === 0
    ? nothing
    : html`<ul class="warnings" aria-label="Warnings">
        ${all.map((text) => html`<li class="warning"><span class="sign" aria-hidden="true">!</span> ${text}</li>`)}
      </ul>`;
