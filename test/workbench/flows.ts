import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
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
  await startCompressing(editor, fileName, choice);
  const report = fileName.replace(/\.onnx$/, `.${choice}.edgewise.json`);
  await editor.webview(`edgewise-report:has(h1) >> text=${report}`, 120_000);
  return readReport(path.join(editor.folder, report));
}

/** Right-clicks and chooses; the notification with the progress is there then. */
export async function startCompressing(
  editor: Editor,
  fileName: string,
  choice: keyof typeof CHOICES,
): Promise<Locator> {
  const rows = await offeredChoices(editor, fileName);
  await rows.filter({ hasText: CHOICES[choice] }).first().click();
  const progress = editor.notification(`Compressing ${fileName}`);
  await progress.waitFor();
  return progress;
}

/** The rows of the quick pick that a right-click leads to, the first of them on the screen. */
export async function offeredChoices(editor: Editor, fileName: string): Promise<Locator> {
  await editor.contextMenu(fileName, 'Compress');
  const rows = editor.page.locator('.quick-input-list .monaco-list-row:visible');
  await rows.first().waitFor({ timeout: 60_000 });
  return rows;
}

export function readReport(file: string): Report {
  if (!existsSync(file)) throw new Error(`${path.basename(file)} was not written`);
  return reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
