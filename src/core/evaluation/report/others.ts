import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Report } from '../report.schema';
import { isReportFile, readReport } from './read';

/** A folder of models rarely holds more reports; the chart shows no more. */
const MAX_OTHERS = 24;

/**
 * Models made of the same source, from the reports in a folder: those of the same hash, except the one named `except`.
 * Broken or foreign files are passed over: they are not this report's business.
 */
export async function otherModels(folder: string, sourceHash: string, except: string): Promise<Report['others']> {
  const names = (await readdir(folder)).filter((name) => isReportFile(name) && name !== path.basename(except)).sort();
  const reports = await Promise.all(names.map((name) => readReport(path.join(folder, name)).catch(() => null)));
  return reports
    .filter((report) => report !== null)
    .filter((report) => report.hashes.source === sourceHash && report.output !== null)
    .slice(0, MAX_OTHERS)
    .map(({ output, after }) => ({
      name: path.basename(output ?? ''),
      value: after.metric === 'accuracy' ? after.value : null,
      parameters: after.parameters,
      bytes: after.bytes,
    }));
}
