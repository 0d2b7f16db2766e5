import { html, nothing, type TemplateResult } from 'lit';
import { bytes, exact, exactBytes, milliseconds, si, times } from '../shared/format';
import { answersCard } from './answers-card';
import { card, ratio, twoBars, type Bar } from './cards';
import type { Measurement, Report } from './report-types';

/** Ratios closer to 1 are called the same; what is timed or resident swings by a few percent from run to run. */
const SAME_SIZE = 1.02;
const SAME_LOAD = 1.05;

/** Before and after, figure by figure. */
export const comparison = (report: Report): TemplateResult =>
  html`<section aria-label="Before and after" class="cards">
    ${sizeCard(report)} ${gzipCard(report)} ${entropyCard(report)} ${answersCard(report)} ${latencyCard(report)}
    ${loadCard(report)} ${memoryCard(report)} ${parametersCard(report)}
  </section>`;

function sizeCard({ before, after }: Report): TemplateResult {
  return bytesCard('Size', before.bytes, after.bytes, strippedNote(before, after));
}

/** A small network's file is mostly names: what a ratio to it is worth shows beside the one to the weights. */
function strippedNote({ strippedBytes }: Measurement, after: Measurement): string {
  if (typeof strippedBytes !== 'number' || after.bytes <= 0) return '';
  const factor = strippedBytes / after.bytes;
  const than = factor >= 1 ? `${times(factor)} times smaller` : `${times(1 / factor)} times larger`;
  return `${than} than the original without names and texts (${bytes(strippedBytes)}: its weights as they are, and the least graph that computes the same).`;
}

function gzipCard({ before, after }: Report): TemplateResult | typeof nothing {
  if (before.gzipBytes === null || after.gzipBytes === null) return nothing;
  return bytesCard('Size, gzip', before.gzipBytes, after.gzipBytes, 'What the download of an app costs.');
}

function entropyCard({ before, after }: Report): TemplateResult | typeof nothing {
  const [first, second] = [before.entropyBytes, after.entropyBytes];
  if (typeof first !== 'number' || typeof second !== 'number') return nothing;
  const note = 'A bound: each weight as an ideal order-0 coder would code it, the rest as gzip packs it.';
  return bytesCard('Size, entropy bound', first, second, note);
}

const bytesCard = (title: string, before: number, after: number, note: string): TemplateResult =>
  card(title, ratio(before, after, SAME_SIZE, 'smaller', 'larger'), twoBars(before, after, bytes, exactBytes), note);

function parametersCard({ before, after }: Report): TemplateResult {
  const exactly = (value: number): string => `${exact(value)} parameters`;
  const headline =
    before.parameters === after.parameters
      ? 'The same'
      : ratio(before.parameters, after.parameters, 1, 'fewer', 'more');
  return card('Parameters', headline, twoBars(before.parameters, after.parameters, si, exactly));
}

function loadCard({ before, after }: Report): TemplateResult | typeof nothing {
  if (before.loadMs === null || after.loadMs === null) return nothing;
  const exactly = (value: number): string => `${exact(value)} ms`;
  const headline = ratio(before.loadMs, after.loadMs, SAME_LOAD, 'faster', 'slower');
  const note = 'From the file to the first run; weights that unpack themselves do so here.';
  return card('Loading', headline, twoBars(before.loadMs, after.loadMs, milliseconds, exactly), note);
}

function memoryCard({ before, after }: Report): TemplateResult | typeof nothing {
  const [first, second] = [before.peakMemoryBytes, after.peakMemoryBytes];
  if (typeof first !== 'number' || typeof second !== 'number') return nothing;
  const headline = ratio(first, second, SAME_LOAD, 'less', 'more');
  const note = 'How far the memory of a fresh process rose while it opened the model and ran it once.';
  return card('Peak memory', headline, twoBars(first, second, bytes, exactBytes), note);
}

function latencyCard({ before, after, speed }: Report): TemplateResult {
  const [first, second] = [before.latencyMs, after.latencyMs];
  if (!first || !second) return card('Latency', 'Not measured', [], whyNoLatency(before, after));
  const slower = Math.max(first.median, second.median);
  // One run that was held up must not make the bars of all others too short to compare.
  const longest = Math.min(Math.max(first.p95, second.p95), slower * 2);
  const bar = (label: string, { median, p95 }: NonNullable<Measurement['latencyMs']>): Bar => ({
    ...{ label, figure: milliseconds(median), share: median / longest, mark: p95 <= longest ? p95 / longest : null },
    exact: `Median ${exact(median)} ms\n95 % of the runs below ${exact(p95)} ms`,
  });
  const runs = `Median of ${exact(second.runs)} runs, batch ${second.batch}, ${second.threads === 1 ? '1 thread' : `${second.threads} threads`}. `;
  const tail = `95\u00a0% below ${milliseconds(first.p95)} before, ${milliseconds(second.p95)} after.`;
  return card(
    'Latency',
    speedText(speed, first.median, second.median),
    [bar('Before', first), bar('After', second)],
    runs + tail,
  );
}

/** In the words of the verdict, which the report decided; old reports leave it to the figures. */
function speedText(speed: Report['speed'], before: number, after: number): string {
  if (speed === 'same') return 'The same';
  if (speed === 'uncertain') return 'No difference beyond the spread of the runs';
  return ratio(before, after, 1, 'faster', 'slower');
}

function whyNoLatency(before: Measurement, after: Measurement): string | null {
  return after.latencyReason ?? before.latencyReason ?? after.reason ?? before.reason ?? null;
}
