import type { Measurement } from '../measurement.schema';
import type { Report } from '../report.schema';
import {
  bytesText,
  countText,
  integerText,
  judgedName,
  judgedText,
  kilobytesText,
  millisecondsText,
  percentText,
} from './figures';
import { teachersText, trainingText } from './training-text';
import { printable, textTable, type Column } from './text-table';

/** Layers shown in a terminal: the worst ones; the report's file has them all. */
const SHOWN_LAYERS = 10;
const LAYER_NAME_WIDTH = 40;
const SHOWN_ATTEMPTS = 20;

/**
 * A report for a terminal: the verdict, before and after, the worst layers, what to try next.
 * @param folder where the report lies, as seen from where it is printed: paths and commands hold there
 */
export function reportText(report: Report, folder = ''): string {
  return [
    printable(report.verdict),
    comparison(report),
    report.training === undefined ? '' : printable(trainingText(report.training)),
    printable(teachersText(report)),
    front(report),
    layers(report),
    data(report),
    warnings(report),
    next(report, folder),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** One measurement for a terminal. */
export function measurementText(measurement: Measurement): string {
  const rows = [...judgedRows([measurement]), ...FIGURES.map(({ title, text }) => [title, text(measurement)])].filter(
    ([, value]) => value !== '-',
  );
  if (measurement.interval) rows.push(['95 % interval', intervalText(measurement, measurement.interval)]);
  const reasons = [measurement.reason, measurement.latencyMs === null ? measurement.latencyReason : undefined];
  const reason = reasons.map((sentence) => (sentence === undefined ? '' : `\n\n${sentence}`)).join('');
  return `${textTable(
    [
      { title: '', align: 'left' },
      { title: 'measured', align: 'right' },
    ],
    rows,
  )}${reason}`;
}

const FIGURES: readonly { title: string; text: (measurement: Measurement) => string }[] = [
  { title: 'file', text: ({ bytes }) => bytesText(bytes) },
  { title: 'file, gzip', text: ({ gzipBytes }) => knownBytes(gzipBytes) },
  { title: 'file, entropy bound', text: ({ entropyBytes }) => knownBytes(entropyBytes) },
  { title: 'file without names', text: ({ strippedBytes }) => knownBytes(strippedBytes) },
  { title: 'parameters', text: ({ parameters }) => countText(parameters) },
  { title: 'MACs', text: ({ macs }) => (macs === null ? '-' : countText(macs)) },
  { title: 'samples', text: ({ samples, metric }) => (metric === null ? '-' : integerText(samples)) },
  { title: 'latency, median', text: ({ latencyMs }) => (latencyMs ? millisecondsText(latencyMs.median) : '-') },
  { title: 'latency, 95 %', text: ({ latencyMs }) => (latencyMs ? millisecondsText(latencyMs.p95) : '-') },
  { title: 'load', text: ({ loadMs }) => (loadMs === null ? '-' : millisecondsText(loadMs)) },
  { title: 'memory, peak', text: ({ peakMemoryBytes }) => knownBytes(peakMemoryBytes) },
];

const knownBytes = (bytes: number | null | undefined): string => (typeof bytes === 'number' ? bytesText(bytes) : '-');

/** What models were judged by, then their other metrics: a row each, in the order of the first that has it. */
function judgedRows(measurements: readonly Measurement[]): string[][] {
  const judged = measurements.map((one) => ({ name: judgedName(one), text: judgement(one) }));
  const metrics = measurements.map(({ metrics = [] }) => metrics);
  const names = new Set([
    ...measurements.filter(({ value }) => value !== null).map(judgedName),
    ...metrics.flat().map(({ name }) => name),
  ]);
  return [...names].map((name) => [
    name,
    ...judged.map((one, index) => {
      if (one.name === name && one.text !== '-') return one.text;
      const figure = metrics[index]?.find((metric) => metric.name === name);
      return figure === undefined ? '-' : judgedText({ headline: figure }, figure.value, 2);
    }),
  ]);
}

const judgement = (one: Measurement): string => (one.value === null ? '-' : judgedText(one, one.value, 2));

/** "96.8 to 98.6 %" */
function intervalText(of: Measurement, [low, high]: readonly [number, number]): string {
  if (of.headline?.unit === 'number') return `${judgedText(of, low)} to ${judgedText(of, high)}`;
  return `${(low * 100).toFixed(1)} to ${percentText(high)}`;
}

function comparison({ before, after }: Report): string {
  const columns: Column[] = [
    { title: '', align: 'left' },
    { title: 'before', align: 'right' },
    { title: 'after', align: 'right' },
  ];
  const rows = [
    ...judgedRows([before, after]),
    ...FIGURES.map(({ title, text }) => [title, text(before), text(after)]),
  ];
  return textTable(
    columns,
    rows.filter(([, first, second]) => first !== '-' || second !== '-'),
  );
}

/** What a search tried, the smallest first. */
function front({ front = [], after }: Report): string {
  if (front.length === 0) return '';
  const columns: Column[] = [
    { title: 'tried', align: 'left', maxWidth: LAYER_NAME_WIDTH },
    { title: 'KB', align: 'right' },
    { title: 'judged', align: 'right' },
    { title: '', align: 'left' },
  ];
  const rows = [...front]
    .sort((a, b) => a.bytes - b.bytes)
    .slice(0, SHOWN_ATTEMPTS)
    .map(({ name, bytes, value, chosen }) => [
      ...[name, kilobytesText(bytes), value === null ? '-' : judgedText(after, value, 2)],
      chosen ? 'chosen' : '',
    ]);
  const rest = front.length - rows.length;
  return `${textTable(columns, rows)}${rest > 0 ? `\n… and ${rest} more in the report` : ''}`;
}

function layers({ layers }: Report): string {
  const changed = layers.filter(({ sqnrDb }) => sqnrDb !== null);
  if (changed.length === 0) return '';
  const worst = [...changed].sort((a, b) => (a.sqnrDb ?? 0) - (b.sqnrDb ?? 0)).slice(0, SHOWN_LAYERS);
  const columns: Column[] = [
    { title: 'worst layers first', align: 'left', maxWidth: LAYER_NAME_WIDTH },
    { title: 'operator', align: 'left' },
    { title: 'KB before', align: 'right' },
    { title: 'KB after', align: 'right' },
    { title: 'encoding', align: 'left' },
    { title: 'SQNR dB', align: 'right' },
  ];
  const rows = worst.map(({ name, operator, bytesBefore, bytesAfter, encoding, sqnrDb }) => [
    ...[name, operator, kilobytesText(bytesBefore), kilobytesText(bytesAfter), encoding],
    sqnrDb === null ? '' : sqnrDb.toFixed(1),
  ]);
  const rest = changed.length - worst.length;
  return `${textTable(columns, rows)}${rest > 0 ? `\n… and ${rest} more in the report` : ''}`;
}

function data({ data }: Report): string {
  const verbs = { training: 'Trained on', calibration: 'Calibrated on', test: 'Measured on' };
  return data
    .map(({ role, source, samples, selection }) => {
      const chosen = selection === 'all' ? 'all of it' : selection;
      return printable(`${verbs[role]} ${source}: ${integerText(samples)} samples (${chosen})`);
    })
    .join('\n');
}

function warnings({ warnings }: Report): string {
  return warnings.map((warning) => printable(`Note: ${warning}`)).join('\n');
}

function next({ next }: Report, folder: string): string {
  if (next.length === 0) return '';
  const lines = next.map(
    ({ title, reason, command }) =>
      `- ${printable(`${title}. ${reason}`)}${command ? `\n    ${printable(command)}` : ''}`,
  );
  const where = folder === '' || next.every(({ command }) => command === null) ? '' : `, in ${printable(folder)}`;
  return [`What to try next${where}`, ...lines].join('\n');
}
