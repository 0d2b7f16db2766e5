import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../core/errors';
import type { Report } from '../core/evaluation/report.schema';
import { reportHtml } from '../core/evaluation/report/html';
import { REPORT_SUFFIX } from '../core/evaluation/report/read';
import { writeTextFile } from '../core/evaluation/report/write';

/**
 * Writes the report as one HTML file beside it, with the same stem.
 * @returns the file's path
 */
export async function writeReportPage(report: Report, reportPath: string, overwrite: boolean): Promise<string> {
  const stem = reportPath.endsWith(REPORT_SUFFIX) ? reportPath.slice(0, -REPORT_SUFFIX.length) : reportPath;
  const file = `${stem}.edgewise.html`;
  const html = reportHtml(report, await pageAssets());
  await writeTextFile(file, html, { overwrite });
  return file;
}

/** The report page's bundle lies beside the command line's. */
async function pageAssets(): Promise<{ script: string; style: string }> {
  const folder = path.join(__dirname, 'webview');
  const script = path.join(folder, 'report.js');
  if (!existsSync(script))
    throw new EdgewiseError('internal', 'The report page is missing from this installation. Install Edgewise again.');
  const style = path.join(folder, 'report.css');
  return { script: await readFile(script, 'utf8'), style: existsSync(style) ? await readFile(style, 'utf8') : '' };
}
