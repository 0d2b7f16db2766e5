import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { cssProperties } from '../shared/css-properties';
import { bytes, exact, exactBytes, percent, plural, si } from '../shared/format';
import { PageElement } from '../shared/page-element';
import { sorted, type SortOrder, type SortValue } from '../shared/sort';
import type { ReportLayer } from './report-types';

/** Rows at first, and with each "Show more". */
const FIRST_ROWS = 12;
const MORE_ROWS = 200;

interface Column {
  id: string;
  title: string;
  tooltip: string;
  numeric: boolean;
  /** The direction that a first click sorts in. */
  first: SortOrder['direction'];
  value: (layer: ReportLayer) => SortValue;
  cell: (layer: ReportLayer, worst: number) => TemplateResult | string;
}

/** The relative error of weights of this signal-to-noise ratio: RMS of the difference over RMS of the weights. */
const relativeError = (sqnrDb: number): number => 10 ** (-sqnrDb / 20);

const COLUMNS: readonly Column[] = [
  {
    ...{ id: 'name', title: 'Layer', tooltip: 'Sort by name', numeric: false, first: 'ascending' },
    value: (layer) => layer.name,
    cell: (layer) => html`<bdi title=${layer.name}>${layer.name}</bdi>`,
  },
  {
    ...{ id: 'operator', title: 'Operator', tooltip: 'Sort by operator', numeric: false, first: 'ascending' },
    value: (layer) => layer.operator,
    cell: (layer) => layer.operator,
  },
  {
    ...{ id: 'parameters', title: 'Params', tooltip: 'Sort by parameters', numeric: true, first: 'descending' },
    value: (layer) => layer.parameters,
    cell: (layer) => html`<span title=${exact(layer.parameters)}>${si(layer.parameters)}</span>`,
  },
  {
    ...{ id: 'before', title: 'Before', tooltip: 'Sort by size before', numeric: true, first: 'descending' },
    value: (layer) => layer.bytesBefore,
    cell: (layer) => html`<span title=${exactBytes(layer.bytesBefore)}>${bytes(layer.bytesBefore)}</span>`,
  },
  {
    ...{ id: 'after', title: 'After', tooltip: 'Sort by size after', numeric: true, first: 'descending' },
    value: (layer) => layer.bytesAfter,
    cell: (layer) =>
      html`<span title=${exactBytes(layer.bytesAfter)}
        ><span
          class="bar"
          aria-hidden="true"
          ${cssProperties({ '--share': Math.min(1, layer.bytesAfter / Math.max(1, layer.bytesBefore)) })}
        ></span
        ><span class="figure">${bytes(layer.bytesAfter)}</span></span
      >`,
  },
  {
    ...{ id: 'encoding', title: 'Stored as', tooltip: 'Sort by encoding', numeric: false, first: 'ascending' },
    value: (layer) => layer.encoding,
    cell: (layer) => layer.encoding,
  },
  {
    ...{ id: 'noise', title: 'SQNR', numeric: true, first: 'ascending' },
    tooltip:
      'Signal-to-quantization-noise ratio of the weights: the lower, the more they changed. The bar is their error.',
    value: (layer) => layer.sqnrDb,
    cell: (layer, worst) =>
      layer.sqnrDb === null
        ? html`<span class="quiet">unchanged</span>`
        : html`<span
            title=${`${layer.sqnrDb.toFixed(2)} dB: an error of ${percent(relativeError(layer.sqnrDb), 2)} of the weights`}
            ><span
              class="bar damage"
              aria-hidden="true"
              ${cssProperties({ '--share': relativeError(layer.sqnrDb) / worst })}
            ></span
            ><span class="figure">${layer.sqnrDb.toFixed(1)} dB</span></span
          >`,
  },
];

/** What happened to each layer, the most damaged first; `arranged` says that order or number of rows changed. */
@customElement('edgewise-layer-damage')
export class LayerDamage extends PageElement {
  @property({ attribute: false }) layers: readonly ReportLayer[] = [];
  @property({ attribute: false }) order: SortOrder = { column: 'noise', direction: 'ascending' };
  /** How many rows. */
  @property({ attribute: false }) shown = FIRST_ROWS;

  protected override render(): TemplateResult | typeof nothing {
    const { layers, order, shown } = this;
    if (layers.length === 0) return nothing;
    const column = COLUMNS.find((candidate) => candidate.id === order.column);
    const rows = column ? sorted(layers, column.value, order.direction) : layers;
    const worst = Math.max(...layers.map((layer) => (layer.sqnrDb === null ? 0 : relativeError(layer.sqnrDb)))) || 1;
    const left = layers.length - shown;
    return html`<table class="damage-table">
        <thead>
          <tr>
            ${COLUMNS.map((each) => this.renderHeader(each))}
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, shown).map((layer) => renderRow(layer, worst))}
        </tbody>
      </table>
      ${
        left > 0
          ? html`<vscode-button appearance="secondary" class="more" @click=${this.showMore}>
              Show
              ${left > MORE_ROWS ? `${MORE_ROWS} More of ${exact(left)}` : plural(left, 'More Layer', 'More Layers')}
            </vscode-button>`
          : nothing
      }`;
  }

  private renderHeader(column: Column): TemplateResult {
    const direction = this.order.column === column.id ? this.order.direction : 'none';
    return html`<th scope="col" aria-sort=${direction} class=${column.numeric ? `${column.id} number` : column.id}>
      <button class="sort" title=${column.tooltip} @click=${() => this.sortBy(column)}>
        ${column.title}<span class="direction" aria-hidden="true"></span>
      </button>
    </th>`;
  }

  private sortBy({ id, first }: Column): void {
    const turned = this.order.direction === 'ascending' ? 'descending' : 'ascending';
    this.order = { column: id, direction: this.order.column === id ? turned : first };
    this.send('arranged', null);
  }

  private readonly showMore = (): void => {
    this.shown += MORE_ROWS;
    this.send('arranged', null);
  };
}

const renderRow = (layer: ReportLayer, worst: number): TemplateResult =>
  html`<tr>
    ${COLUMNS.map((column, index) => {
      const name = column.numeric ? `${column.id} number` : column.id;
      const content = column.cell(layer, worst);
      return index === 0
        ? html`<th scope="row" class=${name}>${content}</th>`
        : html`<td class=${name}>${content}</td>`;
    })}
  </tr>`;
