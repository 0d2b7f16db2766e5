import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { FromLayersView, ToLayersView } from '../../src/protocol/layers-view';
import type { ModelMessage } from '../../src/protocol/page-messages';
import { filterField } from '../shared/filter-field';
import { bytes, columnUnit, exact, exactBytes, plural, si } from '../shared/format';
import { filterWords } from '../shared/highlight';
import type { Host } from '../shared/host';
import { PageElement } from '../shared/page-element';
import './layer-tree';
import type { Anchor, LayerTree } from './layer-tree';
import { withFile, type FileState, type PageState } from './page-state';
import { ArrivedStatistics, type LayerStatistics } from './statistics';
import { ancestors, buildTree, findLayer, firstExpansion, matchingRows, openRows, type TreeNode } from './tree';

/** As long as the fade of the style sheet. */
const FADE_MS = 400;

type Content = { kind: 'loading' } | { kind: 'empty' } | { kind: 'problem'; message: string } | { kind: 'model' };

/** The Layers view: which model, its layers as a tree, and what their weights say. */
@customElement('edgewise-layers')
export class LayersPage extends PageElement {
  @state() private content: Content = { kind: 'loading' };
  @state() private model: ModelMessage | null = null;
  @state() private top: readonly TreeNode[] = [];
  @state() private expanded: ReadonlySet<string> = new Set();
  @state() private filter = '';
  @state() private activeId: string | null = null;
  @state() private statistics = new ArrivedStatistics();
  @state() private fresh: ReadonlySet<string> = new Set();
  @state() private changesSeen = false;

  private host: Host<ToLayersView, FromLayersView, PageState> | null = null;
  private rows: readonly TreeNode[] = [];
  private left: PageState = [];

  /** To be called once, before the page is attached. */
  connect(host: Host<ToLayersView, FromLayersView, PageState>): void {
    this.host = host;
    this.left = host.restore() ?? [];
    host.receive((message) => this.onMessage(message));
  }

  protected override firstUpdated(): void {
    this.host?.post({ type: 'ready' });
  }

  private onMessage(message: ToLayersView): void {
    if (message.type === 'model') this.showModel(message);
    else if (message.type === 'statistics') this.addStatistics(message.generation, message.layers, message.done);
    else if (message.type === 'select') this.showLayer(message.layer);
    else this.content = message.type === 'empty' ? { kind: 'empty' } : { kind: 'problem', message: message.message };
  }

  private showModel(message: ModelMessage): void {
    if (this.model && message.generation < this.model.generation) return;
    const before = this.model;
    if (before) this.left = withFile(this.left, this.current(before.file));
    const kept = this.left.find(({ file }) => file === message.file);
    // A view that was hidden is told again what it knew.
    if (before?.generation !== message.generation) {
      this.statistics = new ArrivedStatistics();
      this.changesSeen = false;
    }
    this.content = { kind: 'model' };
    this.model = message;
    this.top = buildTree(message.summary.layers);
    this.filter = kept?.filter ?? '';
    this.expanded = kept ? new Set(kept.expanded) : firstExpansion(this.top);
    this.activeId = kept?.active ?? null;
    void this.returnTo(kept?.anchor ?? null);
  }

  private current(file: string): FileState {
    const anchor = this.tree?.anchor ?? null;
    return { file, filter: this.filter, expanded: [...this.expanded], active: this.activeId, anchor };
  }

  private async returnTo(anchor: Anchor | null): Promise<void> {
    await this.updateComplete;
    await this.tree?.updateComplete;
    if (anchor) this.tree?.restore(anchor);
    this.save();
  }

  private addStatistics(generation: number, layers: readonly LayerStatistics[], done: boolean): void {
    if (generation !== this.model?.generation) return;
    this.statistics.add(layers, done);
    const names = new Set(layers.map((layer) => layer.layer));
    this.fresh = names;
    window.setTimeout(() => {
      if (this.fresh === names) this.fresh = new Set();
    }, FADE_MS);
  }

  /** Another view selected a layer: it is shown here, whatever the filter says, without an answer. */
  private showLayer(name: string): void {
    const found = findLayer(this.top, name);
    if (!found || found.id === this.activeId) return;
    if (!this.visibleRows().includes(found)) {
      this.filter = '';
      this.expanded = new Set([...this.expanded, ...ancestors(found).map((at) => at.id)]);
    }
    this.activeId = found.id;
    void this.updateComplete.then(() => this.tree?.updateComplete).then(() => this.tree?.show(found.id, false));
    this.save();
  }

  private save(): void {
    const file = this.model?.file;
    if (file !== undefined) this.host?.save(() => withFile(this.left, this.current(file)));
  }

  private get tree(): LayerTree | null {
    return this.querySelector<LayerTree>('edgewise-layer-tree');
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('top') || changed.has('expanded') || changed.has('filter')) this.rows = this.visibleRows();
  }

  private visibleRows(): readonly TreeNode[] {
    const words = filterWords(this.filter);
    return words.length > 0 ? matchingRows(this.top, words) : openRows(this.top, this.expanded);
  }

  protected override render(): TemplateResult {
    const { content, model } = this;
    if (content.kind === 'loading') return html`<p class="notice" role="status">Reading the model</p>`;
    if (content.kind === 'empty') return this.renderEmpty();
    if (content.kind === 'problem') return problem(content.message);
    return model
      ? html`${this.renderHeader(model)}${filterField(this.filter, this.onFilter, this.onFilterKey)}${this.renderTree(model)}`
      : html``;
  }

  private renderHeader({ file, summary, changes }: ModelMessage): TemplateResult {
    const macs = summary.macs === null ? 'unknown' : exact(summary.macs);
    return html`<header>
        <h1 title=${file}>${file}</h1>
        <vscode-button appearance="secondary" @click=${() => this.act('compress')}>Compress…</vscode-button>
        <p
          title=${`${exact(summary.parameters)} parameters\n${exactBytes(summary.bytes)}\n${macs} multiply-accumulate operations`}
        >
          ${si(summary.parameters)} params ·
          ${bytes(summary.bytes)}${summary.macs === null ? '' : ` · ${si(summary.macs)} MACs`}
        </p>
      </header>
      ${changes.length > 0 && !this.changesSeen ? this.renderChanges(changes) : nothing}`;
  }

  private renderChanges(changes: readonly string[]): TemplateResult {
    return html`<div class="changes" role="status">
      <span class="codicon codicon-history" aria-hidden="true"></span>
      <p title=${changes.join('\n')}>${changes.join(' ')}</p>
      <vscode-button appearance="icon" aria-label="Dismiss" @click=${() => (this.changesSeen = true)}
        ><span class="codicon codicon-close"></span
      ></vscode-button>
    </div>`;
  }

  private renderTree(model: ModelMessage): TemplateResult {
    const { rows } = this;
    const words = filterWords(this.filter);
    return html`<p class=${rows.length === 0 ? 'notice' : 'said'} role="status">${statusOf(rows, words)}</p>
      <edgewise-layer-tree
        ?hidden=${rows.length === 0}
        .rows=${rows}
        .isExpanded=${(id: string) => words.length > 0 || this.expanded.has(id)}
        .activeId=${this.activeId}
        .selectedId=${this.activeId}
        .statistics=${this.statistics}
        .fresh=${this.fresh}
        .words=${words}
        .unit=${columnUnit(model.summary.bytes)}
        @activate=${this.onActivate}
        @toggle=${this.onToggle}
        @reveal=${this.onReveal}
        @moved=${() => this.save()}
      ></edgewise-layer-tree>`;
  }

  private renderEmpty(): TemplateResult {
    return html`<div class="welcome">
      <p>Open a model to see its layers, what they weigh, and what could go.</p>
      <vscode-button @click=${() => this.act('open-model')}>Open Model…</vscode-button>
      <p>Nothing at hand? The example is a small network that reads handwritten digits.</p>
      <vscode-button appearance="secondary" @click=${() => this.act('open-example')}>Open Example</vscode-button>
    </div>`;
  }

  private act(action: Extract<FromLayersView, { type: 'action' }>['action']): void {
    this.host?.post({ type: 'action', action });
  }

  private readonly onFilter = (filter: string): void => {
    this.filter = filter;
    this.save();
  };

  private readonly onFilterKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.filter = '';
    else if (event.key === 'ArrowDown') this.tree?.focusActive();
    else return;
    event.preventDefault();
  };

  private readonly onActivate = (event: CustomEvent<string>): void => {
    this.activeId = event.detail;
    const layer = this.layerOf(event.detail);
    if (layer) this.host?.post({ type: 'select', layer });
    this.save();
  };

  private readonly onToggle = (event: CustomEvent<{ ids: string[]; expand: boolean }>): void => {
    const expanded = new Set(this.expanded);
    for (const id of event.detail.ids) {
      if (event.detail.expand) expanded.add(id);
      else expanded.delete(id);
      // What is active stays visible: a folder that closes over it takes its place.
      if (!event.detail.expand && this.activeId?.startsWith(`${id}.`)) this.activeId = id;
    }
    this.expanded = expanded;
    this.save();
  };

  private readonly onReveal = (event: CustomEvent<string>): void => {
    const layer = this.layerOf(event.detail);
    if (layer) this.host?.post({ type: 'reveal', layer });
  };

  private layerOf(id: string): string | null {
    return this.rows.find((row) => row.id === id)?.layer?.name ?? null;
  }
}

/** What is said to those who do not see the tree: groups that are closed are rows without a layer of their own. */
function statusOf(rows: readonly TreeNode[], words: readonly string[]): string {
  if (rows.length === 0) return words.length > 0 ? 'No layer has that name or operator.' : 'This model has no layers.';
  const found = rows.filter((row) => row.layer).length;
  return words.length > 0 ? `${plural(found, 'layer')} found` : '';
}

const problem = (message: string): TemplateResult =>
  html`<div class="problem" role="alert">
    <span class="codicon codicon-error" aria-hidden="true"></span>
    <p>${message}</p>
  </div>`;
