import { html, nothing, type TemplateResult } from 'lit';
import { cssProperties } from '../shared/css-properties';
import { exact, exactBytes, inUnit, magnitude, percent, plural, si, type ByteUnit } from '../shared/format';
import { highlight } from '../shared/highlight';
import { histogram } from '../shared/histogram';
import type { RowStatistics } from './statistics';
import type { TreeNode } from './tree';

export interface RowView {
  row: TreeNode;
  /** From 0, in all rows. */
  index: number;
  top: number;
  expanded: boolean;
  active: boolean;
  selected: boolean;
  statistics: RowStatistics | null;
  /** True for the moment after its statistics came. */
  fresh: boolean;
  unit: ByteUnit;
  words: readonly string[];
}

export function rowTemplate(view: RowView): TemplateResult {
  const { row, statistics } = view;
  const folder = row.children.length > 0;
  return html`<div
    role="row"
    class="row"
    data-id=${row.id}
    ${cssProperties({ '--top': `${view.top}px`, '--level': row.level - 1 })}
    tabindex=${view.active ? 0 : -1}
    aria-rowindex=${view.index + 2}
    aria-level=${row.level}
    aria-setsize=${row.siblings}
    aria-posinset=${row.position}
    aria-expanded=${folder ? String(view.expanded) : nothing}
    aria-selected=${String(view.selected)}
  >
    ${nameCell(row, view.words, statistics)}
    <span role="gridcell" aria-colindex="2" class="number" title=${`${exact(row.parameters)} parameters`}
      >${row.parameters > 0 ? si(row.parameters) : ''}</span
    >
    <span role="gridcell" aria-colindex="3" class="number size" title=${exactBytes(row.bytes)}
      >${row.bytes > 0 ? inUnit(row.bytes, view.unit) : ''}</span
    >
    ${statistics ? statisticsCells(statistics, view.fresh) : EMPTY_CELLS}
  </div>`;
}

function nameCell(row: TreeNode, words: readonly string[], statistics: RowStatistics | null): TemplateResult {
  const { layer } = row;
  return html`<span role="rowheader" aria-colindex="1" class="name" title=${nameTooltip(row)}
    ><span class="title"
      ><span class=${row.children.length > 0 ? 'twistie codicon codicon-chevron-right' : 'twistie'}></span
      ><span class="label">${highlight(row.label, words, row.prefix)}</span>${
        statistics && statistics.broken > 0
          ? html`<span class="codicon codicon-warning" role="img" aria-label=${brokenValues(statistics.broken)}></span>`
          : nothing
      }</span
    >${layer ? html`<span class="operator">${highlight(layer.operator, words)} ${layer.detail}</span>` : nothing}</span
  >`;
}

const brokenValues = (count: number): string => `${plural(count, 'value')} not a finite number`;

function nameTooltip({ id, layer, layers }: TreeNode): string {
  if (!layer) return `${id}\n${plural(layers.length, 'layer')}`;
  const encodings = layer.weights.map(
    (weight) => `${weight.name}: [${weight.shape.join(', ')}] ${weight.encodingLabel}`,
  );
  return [`${layer.name}: ${layer.operator} ${layer.detail}`.trim(), ...encodings.slice(0, 8)].join('\n');
}

const EMPTY_CELLS = html`<span role="gridcell" aria-colindex="4" class="weights"></span
  ><span role="gridcell" aria-colindex="5" class="number sparsity"></span
  ><span role="gridcell" aria-colindex="6" class="prune"></span>`;

function statisticsCells(statistics: RowStatistics, fresh: boolean): TemplateResult {
  const { meanAbsolute, single, sparsity } = statistics;
  return html`<span
      role="gridcell"
      aria-colindex="4"
      class=${fresh ? 'weights fresh' : 'weights'}
      title=${weightsTooltip(statistics)}
      ><span class="mean">${meanAbsolute === null ? '' : magnitude(meanAbsolute)}</span
      >${single ? histogram(single.statistics.histogram) : ''}</span
    ><span
      role="gridcell"
      aria-colindex="5"
      class=${fresh ? 'number sparsity fresh' : 'number sparsity'}
      title=${single ? zeroesText(single.statistics.zeros, single.statistics.count) : nothing}
      >${percent(sparsity, 0)}</span
    ><span role="gridcell" aria-colindex="6" class=${fresh ? 'prune fresh' : 'prune'} title=${pruneTooltip(statistics)}
      >${pruneContent(statistics)}</span
    >`;
}

const zeroesText = (zeros: number, count: number): string => `${exact(zeros)} of ${exact(count)} weights are zero`;

function weightsTooltip({ meanAbsolute, single, broken }: RowStatistics): string {
  const lines = [meanAbsolute === null ? 'No finite weights' : `Mean absolute weight ${magnitude(meanAbsolute)}`];
  if (single) {
    const { min, max, mean, standardDeviation, zeros, count } = single.statistics;
    if (min !== null && max !== null) lines.push(`From ${magnitude(min)} to ${magnitude(max)}`);
    if (mean !== null && standardDeviation !== null)
      lines.push(`Mean ${magnitude(mean)}, standard deviation ${magnitude(standardDeviation)}`);
    lines.push(zeroesText(zeros, count), single.weight);
  }
  if (broken > 0) lines.push(brokenValues(broken));
  return lines.join('\n');
}

function pruneContent({ prune, keep }: RowStatistics): TemplateResult | string {
  if (prune === null) return keep ? html`<span class="keep">keep</span>` : '';
  return html`<span class="bar estimate" aria-hidden="true" ${cssProperties({ '--share': prune })}></span
    ><span class="number">${percent(prune, 0)}</span>`;
}

function pruneTooltip({ prune, keep, single }: RowStatistics): string {
  const suggestion = single?.suggestion;
  if (suggestion)
    return `Estimate: remove ${suggestion.remove} of ${suggestion.of} ${suggestion.unit}.\n${suggestion.reason}`;
  if (prune !== null) return 'Estimate: the share of the parameters below that the suggestions would remove';
  return keep ? 'Nothing in the weights says that a part could go' : '';
}
