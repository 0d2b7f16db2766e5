import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { cssProperties } from './css-properties';
import { targetRow, TypeAhead } from './list-keys';
import { PageElement } from './page-element';
import { nextOrder, sorted, type SortOrder, type SortValue } from './sort';
import { VirtualRows } from './virtual-rows';

export interface Column<Row> {
  /** Also the class of its cells. */
  id: string;
  title: string;
  tooltip: string;
  /** Numbers stand right, and sort from the largest. */
  numeric: boolean;
  value: (row: Row) => SortValue;
  cell: (row: Row) => TemplateResult | string;
  /** What a cell's tooltip says. */
  exact: (row: Row) => string;
}

/** What the grid shows of one kind of rows. */
export interface Table<Row> {
  label: string;
  columns: readonly Column<Row>[];
  key: (row: Row) => string;
}

/**
 * A long table of one selectable row: virtualized like the tree, sorted by its headers (`sort` with a `SortOrder`),
 * walked by keys; `select` carries the key of the row, `moved` says that it scrolled. `--columns` says how wide the columns are.
 */
@customElement('edgewise-data-grid')
export class DataGrid<Row> extends PageElement {
  @property({ attribute: false }) table: Table<Row> | null = null;
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) order: SortOrder | null = null;
  @property({ attribute: false }) selectedKey: string | null = null;

  private readonly virtual = new VirtualRows(this, () => this.querySelector<HTMLElement>('.scroller'));
  private readonly typeAhead = new TypeAhead();
  private sortedRows: readonly Row[] = [];
  private indexByKey = new Map<string, number>();
  private wantsFocus = false;

  /** Scrolls the row into view. */
  show(key: string): void {
    const index = this.indexByKey.get(key);
    if (index !== undefined) this.virtual.show(index);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('rows') || changed.has('order') || changed.has('table')) this.arrange();
    this.virtual.prepare(this.sortedRows.length, this.sortedRows.length > 0 ? this.activeIndex : null);
  }

  private arrange(): void {
    const { table, order, rows } = this;
    const column = table?.columns.find((candidate) => candidate.id === order?.column);
    this.sortedRows = column && order ? sorted(rows, column.value, order.direction) : rows;
    this.indexByKey = new Map(this.sortedRows.map((row, index) => [table?.key(row) ?? '', index]));
  }

  private get activeIndex(): number {
    return (this.selectedKey === null ? undefined : this.indexByKey.get(this.selectedKey)) ?? 0;
  }

  protected override render(): TemplateResult {
    const { table } = this;
    if (!table) return html``;
    return html`<div class="scroller" @scroll=${() => this.send('moved', null)}>
      <div
        role="grid"
        aria-label=${table.label}
        aria-rowcount=${this.sortedRows.length + 1}
        aria-colcount=${table.columns.length}
      >
        <div role="row" class="header" aria-rowindex="1">
          ${table.columns.map((column, index) => this.renderHeader(column, index))}
        </div>
        <div
          role="rowgroup"
          class="rows"
          ${cssProperties({ '--height': `${this.virtual.height}px` })}
          @keydown=${this.onKey}
          @click=${this.onClick}
        >
          ${repeat(
            this.virtual.rows,
            ({ index }) => this.keyAt(index) ?? index,
            ({ index, top }) => this.renderRow(table, index, top),
          )}
        </div>
      </div>
    </div>`;
  }

  private renderHeader(column: Column<Row>, index: number): TemplateResult {
    const direction = this.order?.column === column.id ? this.order.direction : 'none';
    return html`<span
      role="columnheader"
      aria-colindex=${index + 1}
      aria-sort=${direction}
      class=${column.numeric ? `${column.id} number` : column.id}
      ><button
        class="sort"
        title=${column.tooltip}
        @click=${() => this.send('sort', nextOrder(this.order, column.id, column.numeric))}
      >
        ${column.title}<span class="direction" aria-hidden="true"></span></button
    ></span>`;
  }

  private renderRow(table: Table<Row>, index: number, top: number): TemplateResult | string {
    const row = this.sortedRows[index];
    if (row === undefined) return '';
    const key = table.key(row);
    return html`<div
      role="row"
      class="row"
      data-key=${key}
      ${cssProperties({ '--top': `${top}px` })}
      tabindex=${index === this.activeIndex ? 0 : -1}
      aria-rowindex=${index + 2}
      aria-selected=${String(key === this.selectedKey)}
    >
      ${table.columns.map(
        (column, position) =>
          html`<span
            role=${position === 0 ? 'rowheader' : 'gridcell'}
            aria-colindex=${position + 1}
            class=${column.numeric ? `${column.id} number` : column.id}
            title=${column.exact(row)}
            >${column.cell(row)}</span
          >`,
      )}
    </div>`;
  }

  protected override updated(): void {
    if (!this.wantsFocus) return;
    this.wantsFocus = false;
    this.querySelector<HTMLElement>('.row[tabindex="0"]')?.focus({ preventScroll: true });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.sortedRows.length;
    const target =
      targetRow(event.key, this.activeIndex, count, this.virtual.pageSize) ??
      (TypeAhead.isLetter(event)
        ? this.typeAhead.find(event.key, this.activeIndex, count, (at) => this.keyAt(at) ?? '', event.timeStamp)
        : null);
    if (target === null) return;
    event.preventDefault();
    this.choose(target);
  };

  private readonly onClick = (event: Event): void => {
    const key = event.target instanceof Element ? event.target.closest<HTMLElement>('.row')?.dataset['key'] : undefined;
    const index = key === undefined ? undefined : this.indexByKey.get(key);
    if (index !== undefined) this.choose(index);
  };

  private choose(index: number): void {
    const key = this.keyAt(index);
    if (key === null) return;
    this.virtual.show(index);
    this.wantsFocus = true;
    this.send('select', key);
    this.requestUpdate();
  }

  private keyAt(index: number): string | null {
    const row = this.sortedRows[index];
    return row === undefined ? null : (this.table?.key(row) ?? null);
  }
}
