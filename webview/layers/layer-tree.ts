import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { cssProperties } from '../shared/css-properties';
import type { ByteUnit } from '../shared/format';
import { targetRow, TypeAhead } from '../shared/list-keys';
import { PageElement } from '../shared/page-element';
import { ROW_HEIGHT, VirtualRows } from '../shared/virtual-rows';
import { rowTemplate } from './row-template';
import type { ArrivedStatistics } from './statistics';
import type { TreeNode } from './tree';

/** Where the view stands, in terms that survive a change of the rows. */
export interface Anchor {
  /** The row at the top. */
  id: string;
  /** How far it is scrolled out, in px. */
  offset: number;
}

/**
 * The treegrid: rows in, events out (`activate` and `reveal` with an id, `toggle` with `{ ids, expand }`).
 * Rows outside the view are not in the DOM, except the active one, which holds the focus.
 */
@customElement('edgewise-layer-tree')
export class LayerTree extends PageElement {
  @property({ attribute: false }) rows: readonly TreeNode[] = [];
  @property({ attribute: false }) isExpanded: (id: string) => boolean = () => false;
  @property({ attribute: false }) activeId: string | null = null;
  @property({ attribute: false }) selectedId: string | null = null;
  @property({ attribute: false }) statistics: ArrivedStatistics | null = null;
  @property({ attribute: false }) fresh: ReadonlySet<string> = new Set();
  @property({ attribute: false }) words: readonly string[] = [];
  @property({ attribute: false }) unit: ByteUnit = { label: 'KB', bytes: 1e3 };

  private readonly virtual = new VirtualRows(this, () => this.scroller);
  private readonly typeAhead = new TypeAhead();
  private indexById = new Map<string, number>();
  private wantsFocus = false;
  /** Where to be once the view has its height: until then the browser stops at a bottom that is not the last one. */
  private returning: Anchor | null = null;
  private readonly resized = new ResizeObserver(() => this.returnTo());

  private get scroller(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.scroller');
  }

  override disconnectedCallback(): void {
    this.resized.disconnect();
    super.disconnectedCallback();
  }

  get anchor(): Anchor | null {
    if (this.returning) return this.returning;
    const top = this.scroller?.scrollTop ?? 0;
    const row = this.rows[Math.floor(top / ROW_HEIGHT)];
    return row ? { id: row.id, offset: top % ROW_HEIGHT } : null;
  }

  /**
   * Scrolls to where `anchor` was taken, again at every new height until the user moves;
   * stays where it is when its row is gone.
   */
  restore(anchor: Anchor): void {
    this.returning = anchor;
    this.returnTo();
    if (this.scroller) this.resized.observe(this.scroller);
  }

  private returnTo(): void {
    const index = this.returning ? this.indexById.get(this.returning.id) : undefined;
    if (!this.returning || index === undefined) return this.stay();
    this.scroller?.scrollTo({ top: index * ROW_HEIGHT + this.returning.offset });
  }

  /** From here on the place is the user's. */
  private readonly stay = (): void => {
    this.returning = null;
    this.resized.disconnect();
  };

  /** Scrolls the row into view; with `focus`, moves the focus to it. */
  show(id: string, focus: boolean): void {
    const index = this.indexById.get(id);
    if (index === undefined) return;
    this.stay();
    this.virtual.show(index);
    this.wantsFocus = focus;
    this.requestUpdate();
  }

  /** Moves the focus to the active row, or to the first, which then is active. */
  focusActive(): void {
    this.activate(this.activeIndex);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('rows')) this.indexById = new Map(this.rows.map((row, index) => [row.id, index]));
    const active = this.activeIndex;
    this.virtual.prepare(this.rows.length, active < 0 ? null : active);
  }

  /** The row in the tab order: the active one, or the first. */
  private get activeIndex(): number {
    const index = this.activeId === null ? undefined : this.indexById.get(this.activeId);
    return index ?? (this.rows.length > 0 ? 0 : -1);
  }

  protected override render(): TemplateResult {
    return html`<div
      class="scroller"
      @scroll=${() => this.send('moved', null)}
      @wheel=${this.stay}
      @touchmove=${this.stay}
      @pointerdown=${this.stay}
      @keydown=${this.stay}
    >
      <div
        role="treegrid"
        aria-label="Layers"
        aria-rowcount=${this.rows.length + 1}
        aria-colcount="6"
        @keydown=${this.onKey}
        @click=${this.onClick}
        @dblclick=${this.onDoubleClick}
      >
        ${header(this.unit.label)}
        <div role="rowgroup" class="rows" ${cssProperties({ '--height': `${this.virtual.height}px` })}>
          ${repeat(
            this.virtual.rows,
            ({ index }) => this.rows[index]?.id ?? index,
            ({ index, top }) => this.renderRow(index, top),
          )}
        </div>
      </div>
    </div>`;
  }

  private renderRow(index: number, top: number): TemplateResult | string {
    const row = this.rows[index];
    if (!row) return '';
    return rowTemplate({
      row,
      index,
      top,
      expanded: this.isExpanded(row.id),
      active: index === this.activeIndex,
      selected: row.id === this.selectedId,
      statistics: this.statistics?.of(row) ?? null,
      fresh: row.layer !== null && this.fresh.has(row.layer.name),
      unit: this.unit,
      words: this.words,
    });
  }

  protected override updated(): void {
    if (!this.wantsFocus) return;
    this.wantsFocus = false;
    this.querySelector<HTMLElement>('.row[tabindex="0"]')?.focus({ preventScroll: true });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const index = this.activeIndex;
    const row = this.rows[index];
    if (row && this.handleKey(event, row, index)) event.preventDefault();
  };

  /** True when the key meant something here. */
  private handleKey(event: KeyboardEvent, row: TreeNode, index: number): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const target = targetRow(event.key, index, this.rows.length, this.virtual.pageSize);
    if (target !== null) this.activate(target);
    else if (event.key === 'ArrowRight') this.goIn(row, index);
    else if (event.key === 'ArrowLeft') this.goOut(row);
    else if (event.key === 'Enter' && row.layer) this.send('reveal', row.id);
    else if (event.key === ' ' || event.key === 'Enter') this.toggle([row], !this.isExpanded(row.id));
    else if (event.key === '*') this.toggle(row.parent?.children ?? [], true);
    else if (TypeAhead.isLetter(event)) this.jump(event, index);
    else return false;
    return true;
  }

  private goIn(row: TreeNode, index: number): void {
    if (row.children.length === 0) return;
    if (this.isExpanded(row.id)) this.activate(index + 1);
    else this.toggle([row], true);
  }

  private goOut(row: TreeNode): void {
    if (row.children.length > 0 && this.isExpanded(row.id)) this.toggle([row], false);
    else if (row.parent) this.activate(this.indexById.get(row.parent.id) ?? -1);
  }

  private jump(event: KeyboardEvent, index: number): void {
    const label = (at: number): string => this.rows[at]?.label ?? '';
    const found = this.typeAhead.find(event.key, index, this.rows.length, label, event.timeStamp);
    if (found !== null) this.activate(found);
  }

  private activate(index: number): void {
    const row = this.rows[index];
    if (!row) return;
    this.send('activate', row.id);
    this.virtual.show(index);
    this.wantsFocus = true;
  }

  private toggle(rows: readonly TreeNode[], expand: boolean): void {
    const ids = rows.filter((row) => row.children.length > 0).map((row) => row.id);
    if (ids.length === 0) return;
    this.send('toggle', { ids, expand });
    this.wantsFocus = true;
  }

  private readonly onClick = (event: Event): void => {
    const index = this.indexAt(event);
    const row = index === null ? undefined : this.rows[index];
    if (index === null || !row) return;
    const onTwistie = event.target instanceof Element && event.target.closest('.twistie') !== null;
    if (!onTwistie) this.activate(index);
    if (onTwistie || !row.layer) this.toggle([row], !this.isExpanded(row.id));
  };

  private readonly onDoubleClick = (event: Event): void => {
    const index = this.indexAt(event);
    const row = index === null ? undefined : this.rows[index];
    if (row?.layer) this.send('reveal', row.id);
  };

  private indexAt(event: Event): number | null {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    return element?.dataset['id'] === undefined ? null : (this.indexById.get(element.dataset['id']) ?? null);
  }
}

const header = (unit: string): TemplateResult =>
  html`<div role="row" class="header" aria-rowindex="1">
    <span role="columnheader" aria-colindex="1" class="name">Name</span>
    <span role="columnheader" aria-colindex="2" class="number" title="Parameters">Params</span>
    <span role="columnheader" aria-colindex="3" class="number size" title="Stored bytes">${unit}</span>
    <span
      role="columnheader"
      aria-colindex="4"
      class="weights"
      title="Mean absolute weight, and a histogram of the weights"
      >|w|</span
    >
    <span role="columnheader" aria-colindex="5" class="number sparsity" title="Share of weights that are exactly zero"
      >Zeros</span
    >
    <span
      role="columnheader"
      aria-colindex="6"
      class="prune"
      title="What could be removed, estimated from the weights (outlined: an estimate, not measured)"
      >Prune</span
    >
  </div>`;
