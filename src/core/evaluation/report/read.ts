import { readFile, stat } from 'node:fs/promises';
import { EdgewiseError } from '../../errors';
import { quoted, readingError } from '../../formats/file-errors';
import { REPORT_VERSION, reportSchema, type Report } from '../report.schema';

export const REPORT_SUFFIX = '.edgewise.json';
/** Pictures of changed samples make reports of some megabytes; beyond this a file is not one of ours. */
export const MAX_REPORT_BYTES = 64_000_000;

export function isReportFile(file: string): boolean {
  return file.toLowerCase().endsWith(REPORT_SUFFIX);
}

/**
 * Reads and validates a report.
 * @throws EdgewiseError `not-found`, `not-a-file`, `permission`, `malformed`, `unsupported` (a newer version)
 */
export async function readReport(file: string): Promise<Report> {
  return parseReport(await readText(file), file);
}

/** @throws EdgewiseError `malformed` for what is no report, `unsupported` for one of a newer version */
export function parseReport(text: string, file: string): Report {
  const value = parseJson(text, file);
  if (!isOurs(value)) throw malformed(file, 'is not a report of Edgewise. Open a file that ends in .edgewise.json');
  if (typeof value.version === 'number' && value.version > REPORT_VERSION)
    throw new EdgewiseError(
      'unsupported',
      `${quoted(file)} was written by a newer Edgewise (report version ${value.version}, this one reads ${REPORT_VERSION}). Update Edgewise.`,
      { file },
    );
  const result = reportSchema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw malformed(
    file,
    `is a damaged report: ${where === '' ? 'its content' : where} is not as it must be. Make it again`,
  );
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_REPORT_BYTES) throw malformed(file, 'is too large for a report. Check the path');
    return await readFile(file, 'utf8');
  } catch (error) {
    throw readingError(file, error);
  }
}

function parseJson(text: string, file: string): unknown {
  if (text.trim() === '') throw malformed(file, 'is empty. Make the report again with edgewise compress');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(file, 'is not JSON, so it is no report, or only part of one. Make it again', cause);
  }
}

function isOurs(value: unknown): value is { kind: string; version?: unknown } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'edgewise.report';
}

function malformed(file: string, rest: string, cause?: unknown): EdgewiseError {
  return new EdgewiseError('malformed', `${quoted(file)} ${rest}.`, { file, cause });
}
