import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { reportSchema, type Report } from '../../src/core/evaluation/report.schema';
import type { Editor } from './editor';

/** The titles of the quick pick's recipes begin with these. */
const CHOICES = { int8: /int8|Fast integers/i, 'int8-weights': /Weights only/i, float16: /Half precision|float16/i };

/** What a user does: right-click, choose, wait for the report. Returns the report file, read from disk. */
export async function compressFromExplorer(
  editor: Editor,
  fileName: string,
  choice: keyof typeof CHOICES,
): Promise<Report> {
  await editor.contextMenu(fileName, 'Compress');
  const row = editor.page
    .locator('.quick-input-list .monaco-list-row:visible')
    .filter({ hasText: CHOICES[choice] })
    .first();
  await row.waitFor({ timeout: 60_000 });
  await row.click();
  await editor.webview('edgewise-report h1', 120_000);
  const stem = path.join(editor.folder, fileName.replace(/\.onnx$/, `.${choice}`));
  return readReport(`${stem}.edgewise.json`);
}

export function readReport(file: string): Report {
  if (!existsSync(file)) throw new Error(`${path.basename(file)} was not written`);
  return reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
