import { writeNewFile } from '../../formats/atomic-file';
import type { Report } from '../report.schema';

export interface TextFileOptions {
  overwrite?: boolean;
}

/** Writes a report: whole under its name, or not at all. @throws EdgewiseError `exists`, `permission`, `no-space` */
export async function writeReport(file: string, report: Report, options: TextFileOptions = {}): Promise<void> {
  await writeTextFile(file, `${reportJson(report)}\n`, options);
}

/** Indented, lists of numbers on one line each: histograms are long. No text of JSON holds a line break. */
export function reportJson(report: Report): string {
  return JSON.stringify(report, null, 2).replace(/\[\n[\s\d.,e+-]*\]/g, (list) => list.replace(/\s+/g, ''));
}

/** Writes a text as UTF-8: whole under its name, or not at all. */
export async function writeTextFile(file: string, text: string, options: TextFileOptions = {}): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await writeNewFile(file, { overwrite: options.overwrite ?? false, byteLength: bytes.byteLength }, (sink) =>
    sink.write(bytes),
  );
}
