import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Measurement } from '../measurement.schema';
import type { DataUsed, Report } from '../report.schema';
import { isReportFile, readReport } from './read';

/** A folder of models rarely holds more reports; the chart shows no more. */
const MAX_OTHERS = 24;

/** What a report must share with this one to stand beside it. */
export interface OwnFacts {
  readonly sourceHash: string;
  /** Of the source, and on what. */
  readonly before: Measurement;
  readonly data: readonly DataUsed[];
}

/**
 * Models made of the same source, from the reports in a folder: those of the same hash, except the one named `except`.
 * Accuracies measured on other samples cannot be compared, and are left out. Broken or foreign files are passed over:
 * they are not this report's business.
 */
export async function otherModels(folder: string, own: OwnFacts, except: string): Promise<Report['others']> {
  const names = (await readdir(folder)).filter((name) => isReportFile(name) && name !== path.basename(except)).sort();
  const reports = await Promise.all(names.map((name) => readReport(path.join(folder, name)).catch(() => null)));
  return reports
    .filter((report) => report !== null)
    .filter((report) => report.hashes.source === own.sourceHash && report.output !== null)
    .slice(0, MAX_OTHERS)
    .map((report) => ({
      name: path.basename(report.output ?? ''),
      value: report.after.metric === 'accuracy' && isOnSameSamples(report, own) ? report.after.value : null,
      parameters: report.after.parameters,
      bytes: report.after.bytes,
    }));
}

/** The same set, chosen the same way; and the source answered the same there, so the set has not changed since. */
function isOnSameSamples(report: Report, own: OwnFacts): boolean {
  const [theirs, ours] = [testOf(report.data), testOf(own.data)];
  if (theirs === undefined || ours === undefined || report.before.value !== own.before.value) return false;
  return theirs.source === ours.source && theirs.samples === ours.samples && theirs.selection === ours.selection;
}

function testOf(data: readonly DataUsed[]): DataUsed | undefined {
  return data.find(({ role }) => role === 'test');
}
