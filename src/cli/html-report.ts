import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../core/errors';
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

/** The report page's bundle, which lies beside the command line's. @throws EdgewiseError where it is missing */
export async function reportPageAssets(): Promise<ReportPageAssets> {
  const folder = path.join(__dirname, 'webview');
  const script = path.join(folder, 'report.js');
  if (!existsSync(script))
    throw new EdgewiseError('internal', 'The report page is missing from this installation. Install Edgewise again.');
  const style = path.join(folder, 'report.css');
  return { script: await readFile(script, 'utf8'), style: existsSync(style) ? await readFile(style, 'utf8') : '' };
}
