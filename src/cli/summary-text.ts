import type { Dimension } from '../core/model/model';
import type { LayerSummary, ModelSummary, ValueSummary } from '../core/analysis/summary.schema';
import { bytesText, countText, kilobytesText } from '../core/evaluation/report/figures';
import { printable, textTable, type Column } from '../core/evaluation/report/text-table';

const NAME_WIDTH = 48;

const COLUMNS: readonly Column[] = [
  { title: 'layer', align: 'left', maxWidth: NAME_WIDTH },
  { title: 'operator', align: 'left' },
  { title: '', align: 'left', maxWidth: 24 },
  { title: 'output', align: 'right', maxWidth: 32 },
  { title: 'params', align: 'right' },
  { title: 'KB', align: 'right' },
  { title: 'MACs', align: 'right' },
  { title: 'weights', align: 'left', maxWidth: 32 },
];

/** A model for a terminal: facts, totals, layers. Unknown figures are a dash, never a guess. */
export function summaryText(file: string, summary: ModelSummary): string {
  const head = [
    printable(file),
    factsLine(summary),
    ...values('in', summary.inputs),
    ...values('out', summary.outputs),
  ];
  return [head.join('\n'), layerTable(summary), ...hints(summary)].join('\n\n');
}

function factsLine(summary: ModelSummary): string {
  const { format, formatVersion, opset, producer, bytes, parameters, macs, buffers, peakActivationBytes } = summary;
  const facts = [
    `${format.toUpperCase()} ${formatVersion}`.trim(),
    opset === null ? '' : `opset ${opset}`,
    printable(producer),
    bytesText(bytes),
    `${countText(parameters)} parameters`,
    buffers === 0 ? '' : `${countText(buffers)} buffers`,
    macs === null ? 'MACs unknown' : `${countText(macs)} MACs`,
    peakActivationBytes === null ? '' : `activations ${bytesText(peakActivationBytes)} at most`,
  ];
  return facts.filter((fact) => fact !== '').join(', ');
}

function values(direction: string, list: readonly ValueSummary[]): string[] {
  return list.map(({ name, dtype, shape }) =>
    printable(`${direction.padEnd(4)}${name} ${shapeText(shape)} ${dtype ?? 'of unknown type'}`),
  );
}

function layerTable(summary: ModelSummary): string {
  const total = [
    'total',
    '',
    '',
    '',
    countText(summary.parameters),
    kilobytesText(layerBytes(summary)),
    macsText(summary.macs),
  ];
  return textTable(COLUMNS, [...summary.layers.map(layerRow), total]);
}

function layerBytes({ layers }: ModelSummary): number {
  return layers.reduce((sum, layer) => sum + layer.bytes, 0);
}

function layerRow(layer: LayerSummary): string[] {
  const { name, operator, detail, outputShape, parameters, bytes, macs } = layer;
  const hasWeights = layer.weights.length > 0;
  return [
    ...[name, operator, detail, shapeText(outputShape)],
    ...[hasWeights ? countText(parameters) : '', hasWeights ? kilobytesText(bytes) : ''],
    ...[macs === 0 ? '' : macsText(macs), encodings(layer)],
  ];
}

/** The encodings of what computes; biases and constants follow their layer. */
function encodings({ weights }: LayerSummary): string {
  const main = weights.filter(({ role }) => role === 'weight');
  return [...new Set((main.length > 0 ? main : weights).map(({ encodingLabel }) => encodingLabel))].join(', ');
}

function macsText(macs: number | null): string {
  return macs === null ? '-' : countText(macs);
}

function shapeText(shape: readonly Dimension[] | null): string {
  return shape === null ? '-' : `[${shape.map((dimension) => dimension ?? '?').join(', ')}]`;
}

function hints({ macs, symbols }: ModelSummary): string[] {
  const [first] = symbols;
  if (macs !== null || first === undefined) return [];
  const names = symbols.map(printable).join(', ');
  return [`Unknown figures need values for ${names}, as in --dim ${printable(first)}=1.`];
}
