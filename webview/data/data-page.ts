import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { DataPreview, FromDataPreview, PreviewSample, ToDataPreview } from '../../src/protocol/data-preview';
import { exact, magnitude, percent, plural } from '../shared/format';
import { PageElement } from '../shared/page-element';

type Action = Extract<FromDataPreview, { type: 'action' }>['action'];

/** Samples of a data set as a model takes them: do pictures, labels and answers fit together? */
@customElement('edgewise-data')
export class DataPage extends PageElement {
  @state() private shown: ToDataPreview = { type: 'loading' };
  private act: (action: Action) => void = () => undefined;

  /** To be called once, before the page is attached. */
  use(act: (action: Action) => void): void {
    this.act = act;
  }

  show(message: ToDataPreview): void {
    this.shown = message;
  }

  protected override render(): TemplateResult {
    const { shown } = this;
    if (shown.type === 'loading') return html`<p class="notice" role="status">Trying the data on the model</p>`;
    if (shown.type === 'problem') return this.renderProblem(shown.message);
    return this.renderPreview(shown.preview);
  }

  private renderProblem(message: string): TemplateResult {
    return html`<main>
      <p class="notice" role="alert">${message}</p>
      <div class="actions">${this.button('other-data', 'Use Other Data…')}${this.snippet()}</div>
    </main>`;
  }

  private renderPreview(preview: DataPreview): TemplateResult {
    return html`<main>
      <header>
        <h1>${headline(preview)}</h1>
        <p>
          ${preview.source} · ${plural(preview.total, 'sample')} · ${preview.input.name}
          [${preview.input.shape.join(', ')}] ${preview.input.dtype}
        </p>
        ${preview.preparation === null ? nothing : html`<p class="quiet">Prepared: ${preview.preparation}</p>`}
        ${preview.notes.map((note) => html`<p class="quiet">${note}</p>`)}
        <div class="actions">
          ${this.button('compress', 'Compress…')}${this.button('evaluate', 'Evaluate…')}
          ${this.button('find-preprocessing', 'Find Preprocessing…')}${this.button('other-data', 'Use Other Data…')}
          ${this.snippet()}
        </div>
      </header>
      <ul class="gallery samples" aria-label="Samples as the model takes them">
        ${preview.samples.map(sample)}
      </ul>
    </main>`;
  }

  private button(action: Action, words: string): TemplateResult {
    return html`<vscode-button appearance="secondary" @click=${() => this.act(action)}>${words}</vscode-button>`;
  }

  private snippet(): TemplateResult {
    return html`<vscode-button
      appearance="secondary"
      title="A few lines of Python that save samples of any DataLoader as .npz"
      @click=${() => this.act('copy-snippet')}
      >Copy Python Snippet</vscode-button
    >`;
  }
}

/** What a glance at the gallery should find, in words. */
function headline({ model, samples, reason }: DataPreview): string {
  if (reason !== null) return `What ${model} takes. ${reason}`;
  const judged = samples.filter(({ label }) => label !== null);
  const right = judged.filter(isRight).length;
  if (judged.length === 0) return `${model} on ${plural(samples.length, 'sample')} without labels`;
  return `${model} answers ${exact(right)} of ${plural(judged.length, 'sample')} right`;
}

function isRight({ label, answer }: PreviewSample): boolean {
  return label === answer;
}

function sample(shown: PreviewSample): TemplateResult {
  const { label, answer, confidence } = shown;
  const verdict = label === null || answer === null ? '' : isRight(shown) ? 'right' : 'wrong';
  const sure = confidence === null ? '' : ` ${percent(confidence, 0)}`;
  return html`<li class=${verdict}>
    ${picture(shown)} ${answer === null ? nothing : html`<p class="answer"><strong>${answer}</strong>${sure}</p>`}
    ${label === null ? nothing : html`<p class="quiet">label ${label}${verdict === 'wrong' ? ', wrong' : ''}</p>`}
    <p class="quiet range" title=${`Values from ${shown.minimum} to ${shown.maximum}, mean ${shown.mean}`}>
      ${magnitude(shown.minimum)} to ${magnitude(shown.maximum)}
    </p>
  </li>`;
}

function picture({ seen, original, index }: PreviewSample): TemplateResult {
  const data = seen ?? original;
  const title = `Sample ${index}${seen === null ? '' : ', as the model takes it'}`;
  return data?.startsWith('data:image/png;base64,')
    ? html`<img src=${data} alt=${title} title=${title} loading="lazy" />`
    : html`<span class="no-picture" title="The input is not a picture">sample ${exact(index)}</span>`;
}
