import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { FromModelEditor, ToModelEditor } from '../../src/protocol/model-editor';
import type { ModelMessage } from '../../src/protocol/page-messages';
import { activeTab } from '../shared/controls';
import { filterField } from '../shared/filter-field';
import '../shared/data-grid';
import type { DataGrid, Table } from '../shared/data-grid';
import { bytes, exact, plural, si } from '../shared/format';
import { filterWords, matchesAll } from '../shared/highlight';
import type { Host } from '../shared/host';
import { PageElement } from '../shared/page-element';
import type { SortOrder } from '../shared/sort';
import { layersCsv, layerTable, type Layer } from './layer-table';
import { overview } from './overview';
import type { PageState } from './page-state';

/** How long "Copied" stands on the button. */
const SAID_MS = 2000;

interface Tab {
  id: string;
  title: string;
  /** True where the page itself scrolls, and so has to take the focus. */
  scrolls: boolean;
  render: (page: ModelPage, model: ModelMessage) => TemplateResult;
}

/** Graph, Tensor and Compare join here, one line each. */
const TABS: readonly Tab[] = [
  { id: 'overview', title: 'Overview', scrolls: true, render: (_, model) => overview(model) },
  { id: 'layers', title: 'Layers', scrolls: false, render: (page) => page.renderLayers() },
];

/** The model editor: what the model is, and its layers as a table. */
@customElement('edgewise-model')
export class ModelPage extends PageElement {
  @state() private model: ModelMessage | null = null;
  @state() private problem: string | null = null;
  @state() private tab = 'overview';
  @state() private filter = '';
  @state() private order: SortOrder | null = null;
  @state() private selected: string | null = null;
  @state() private copied: 'no' | 'yes' | 'refused' = 'no';

  private host: Host<ToModelEditor, FromModelEditor, PageState> | null = null;
  private rows: readonly Layer[] = [];
  private table: Table<Layer> = layerTable([]);

  /** To be called once, before the page is attached. */
  connect(host: Host<ToModelEditor, FromModelEditor, PageState>): void {
    this.host = host;
    host.receive((message) => this.onMessage(message));
  }

  protected override firstUpdated(): void {
    this.host?.post({ type: 'ready' });
  }

  private onMessage(message: ToModelEditor): void {
    if (message.type === 'problem') this.problem = message.message;
    else if (message.type === 'select') this.showLayer(message.layer);
    else this.showModel(message);
  }

  private showModel(message: ModelMessage): void {
    if (this.model && message.generation < this.model.generation) return;
    const first = this.model === null;
    this.problem = null;
    this.model = message;
    if (first) this.restore(message.file);
  }

  private restore(file: string): void {
    const saved = this.host?.restore() ?? null;
    if (saved?.file !== file) return;
    this.tab = TABS.some((tab) => tab.id === saved.tab) ? saved.tab : 'overview';
    this.filter = saved.filter;
    this.order = saved.order;
    this.selected = saved.selected;
    void this.settled().then(() => this.scroller?.scrollTo({ top: saved.top }));
  }

  private showLayer(name: string): void {
    const layer = this.model?.summary.layers.find((candidate) => candidate.name === name);
    if (name === this.selected || !layer) return;
    this.selected = name;
    if (!matchesFilter(layer, filterWords(this.filter))) this.filter = '';
    void this.settled().then(() => this.grid?.show(name));
  }

  private async settled(): Promise<void> {
    await this.updateComplete;
    await this.grid?.updateComplete;
  }

  private get grid(): DataGrid<Layer> | null {
    return this.querySelector<DataGrid<Layer>>('edgewise-data-grid');
  }

  private get scroller(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.scroller');
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('model') && !changed.has('filter')) return;
    const words = filterWords(this.filter);
    this.table = layerTable(words);
    this.rows = (this.model?.summary.layers ?? []).filter((layer) => matchesFilter(layer, words));
  }

  protected override updated(): void {
    this.save();
  }

  private save(): void {
    const file = this.model?.file;
    if (file !== undefined) this.host?.save(() => this.current(file));
  }

  private current(file: string): PageState {
    const { tab, filter, order, selected } = this;
    return { file, tab, filter, order, selected, top: this.scroller?.scrollTop ?? 0 };
  }

  protected override render(): TemplateResult {
    const { model, problem } = this;
    if (problem !== null)
      return html`<div class="problem" role="alert">
        <span class="codicon codicon-error" aria-hidden="true"></span>
        <div>
          <p>${problem}</p>
          <vscode-button appearance="secondary" @click=${() => this.act('open-as-text')}>Open as Text</vscode-button>
        </div>
      </div>`;
    if (!model) return html`<p class="notice" role="status">Reading the model</p>`;
    return html`${this.renderHeader(model)}
      <vscode-panels activeid=${this.tab} aria-label="Model" @change=${this.onTab}>
        ${TABS.map((tab) => html`<vscode-panel-tab id=${tab.id}>${tab.title}</vscode-panel-tab>`)}
        ${TABS.map(
          (tab) =>
            html`<vscode-panel-view id=${`view-${tab.id}`} tabindex=${tab.scrolls ? 0 : nothing}>
              ${tab.id === this.tab ? tab.render(this, model) : nothing}
            </vscode-panel-view>`,
        )}
      </vscode-panels>`;
  }

  private renderHeader({ file, summary }: ModelMessage): TemplateResult {
    return html`<header>
      <div>
        <h1 title=${file}><bdi>${file}</bdi></h1>
        <p class="quiet">
          ${si(summary.parameters)} params ·
          ${bytes(summary.bytes)}${summary.macs === null ? '' : ` · ${si(summary.macs)} MACs`} ·
          ${plural(summary.layers.length, 'layer')}
        </p>
      </div>
      <div class="actions">
        <vscode-button @click=${() => this.act('compress')}>Compress…</vscode-button>
        <vscode-button appearance="secondary" @click=${() => this.act('evaluate')}>Evaluate…</vscode-button>
      </div>
    </header>`;
  }

  /** The Layers tab. */
  renderLayers(): TemplateResult {
    const all = this.model?.summary.layers.length ?? 0;
    const found = this.rows.length;
    return html`<div class="layers">
      <div class="tools">
        ${filterField(this.filter, (filter) => (this.filter = filter), this.onFilterKey)}
        <span class="quiet" role="status"
          >${found === all ? plural(all, 'layer') : `${exact(found)} of ${plural(all, 'layer')}`}</span
        >
        <vscode-button appearance="secondary" @click=${this.copyCsv}>${COPY_LABEL[this.copied]}</vscode-button>
      </div>
      ${found === 0 ? html`<p class="notice">No layer has that name or operator.</p>` : nothing}
      <edgewise-data-grid
        ?hidden=${found === 0}
        .table=${this.table}
        .rows=${this.rows}
        .order=${this.order}
        .selectedKey=${this.selected}
        @sort=${(event: CustomEvent<SortOrder>) => (this.order = event.detail)}
        @select=${this.onSelect}
        @moved=${() => this.save()}
      ></edgewise-data-grid>
    </div>`;
  }

  private act(action: Extract<FromModelEditor, { type: 'action' }>['action']): void {
    this.host?.post({ type: 'action', action });
  }

  private readonly onTab = (event: Event): void => {
    const id = activeTab(event);
    if (id === null) return;
    this.tab = id;
    const { selected } = this;
    if (selected !== null) void this.settled().then(() => this.grid?.show(selected));
  };

  private readonly onSelect = (event: CustomEvent<string>): void => {
    this.selected = event.detail;
    this.host?.post({ type: 'select', layer: event.detail });
  };

  private readonly onFilterKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.filter = '';
  };

  private readonly copyCsv = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(layersCsv(this.rows));
      this.copied = 'yes';
    } catch {
      this.copied = 'refused';
    }
    window.setTimeout(() => (this.copied = 'no'), SAID_MS);
  };
}

const matchesFilter = (layer: Layer, words: readonly string[]): boolean =>
  matchesAll(`${layer.name} ${layer.operator}`, words);

const COPY_LABEL = { no: 'Copy as CSV', yes: 'Copied', refused: 'Could not copy' } as const;
