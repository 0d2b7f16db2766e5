import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../../errors';
import type { ReportPageAssets } from './html';

/**
 * The report page's bundle, which lies in `webview/` beside the bundle that asks.
 * @throws EdgewiseError `internal` where it is missing
 */
export async function reportPageAssets(folder: string): Promise<ReportPageAssets> {
  try {
    const [script, style] = await Promise.all(
      ['report.js', 'report.css'].map((name) => readFile(path.join(folder, 'webview', name), 'utf8')),
    );
    return { script: script ?? '', style: style ?? '' };
  } catch (cause) {
    throw new EdgewiseError('internal', 'The report page is missing from this installation. Install Edgewise again.', {
      cause,
    });
  }
}
