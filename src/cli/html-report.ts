import type { Report } from '../core/evaluation/report.schema';
import { reportHtml, type ReportPageAssets } from '../core/evaluation/report/html';
import { REPORT_SUFFIX } from '../core/evaluation/report/read';
import { writeTextFile } from '../core/evaluation/report/write';
import { freeName } from '../core/formats/atomic-file';

/**
 * Writes the report as one HTML file beside it, with the same stem.
 * @returns the file's path
 */
export async function writeReportPage(
  report: Report,
  reportPath: string,
  assets: ReportPageAssets,
  overwrite: boolean,
): Promise<string> {
  const wanted = `${reportPath.slice(0, -REPORT_SUFFIX.length)}.edgewise.html`;
  const file = overwrite ? wanted : await freeName(wanted);
  const html = reportHtml(report, assets);
  await writeTextFile(file, html, { overwrite });
  return file;
}
