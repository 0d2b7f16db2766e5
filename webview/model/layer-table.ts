import { html } from 'lit';
import type { ModelMessage } from '../../src/protocol/page-messages';
import { csv } from '../shared/csv';
import type { Column, Table } from '../shared/data-grid';
import { bytes, exact, exactBytes, shape, si } from '../shared/format';
import { highlight } from '../shared/highlight';

export type Layer = ModelMessage['summary']['layers'][number];

const NOT_KNOWN = 'unknown';

/** How the layer's main weight is stored; nothing where it has none. */
export const storedAs = (layer: Layer): string => {
  const main = layer.weights.find((weight) => weight.role === 'weight') ?? layer.weights[0];
  return main?.encodingLabel ?? '';
};

/** The layers table; `words` of the filter are marked in it. */
export const layerTable = (words: readonly string[]): Table<Layer> => ({
  label: 'Layers',
  key: (layer) => layer.name,
  columns: columns(words),
});

const columns = (words: readonly string[]): Column<Layer>[] => [
  {
    ...{ id: 'name', title: 'Name', tooltip: 'The name that reports, recipes and the sidebar use', numeric: false },
    value: (layer) => layer.name,
    cell: (layer) => html`<bdi>${highlight(layer.name, words)}</bdi>`,
    exact: (layer) => layer.name,
  },
  {
    ...{ id: 'operator', title: 'Operator', tooltip: 'What it computes', numeric: false },
    value: (layer) => `${layer.operator} ${layer.detail}`,
    cell: (layer) => html`${highlight(layer.operator, words)} <span class="quiet">${layer.detail}</span>`,
    exact: (layer) => `${layer.operator} ${layer.detail}`,
  },
  {
    ...{ id: 'shape', title: 'Output shape', tooltip: 'Of its first output', numeric: false },
    value: (layer) => layer.outputShape && shape(layer.outputShape),
    cell: (layer) => (layer.outputShape ? shape(layer.outputShape) : html`<span class="quiet">${NOT_KNOWN}</span>`),
    exact: (layer) => shape(layer.outputShape),
  },
  {
    ...{ id: 'parameters', title: 'Params', tooltip: 'Parameters; shared ones count once', numeric: true },
    value: (layer) => layer.parameters,
    cell: (layer) => (layer.parameters > 0 ? si(layer.parameters) : ''),
    exact: (layer) => `${exact(layer.parameters)} parameters`,
  },
  {
    ...{ id: 'bytes', title: 'Size', tooltip: 'Stored bytes of its weights', numeric: true },
    value: (layer) => layer.bytes,
    cell: (layer) => (layer.bytes > 0 ? bytes(layer.bytes) : ''),
    exact: (layer) => exactBytes(layer.bytes),
  },
  {
    ...{ id: 'macs', title: 'MACs', tooltip: 'Multiply-accumulate operations of one run', numeric: true },
    value: (layer) => layer.macs,
    cell: (layer) =>
      layer.macs === null ? html`<span class="quiet">${NOT_KNOWN}</span>` : layer.macs > 0 ? si(layer.macs) : '',
    exact: (layer) => (layer.macs === null ? NOT_KNOWN : `${exact(layer.macs)} multiply-accumulate operations`),
  },
  {
    ...{ id: 'encoding', title: 'Stored as', tooltip: 'How its main weight is stored', numeric: false },
    value: storedAs,
    cell: storedAs,
    exact: (layer) => layer.weights.map((weight) => `${weight.name}: ${weight.encodingLabel}`).join('\n'),
  },
];

const CSV_HEADER = ['name', 'operator', 'detail', 'output shape', 'parameters', 'bytes', 'MACs', 'stored as'];

/** The same table with exact figures, in the model's order. */
export const layersCsv = (layers: readonly Layer[]): string =>
  csv([
    CSV_HEADER,
    ...layers.map((layer) => [
      ...[layer.name, layer.operator, layer.detail, layer.outputShape && shape(layer.outputShape)],
      ...[layer.parameters, layer.bytes, layer.macs, storedAs(layer)],
    ]),
  ]);
