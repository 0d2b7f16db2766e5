import path from 'node:path';
import * as vscode from 'vscode';
import { EdgewiseError } from '../../core/errors';
import { REPORT_VERSION, reportSchema, type Report } from '../../protocol/report-editor';

/** Pictures of changed samples make reports of some megabytes; beyond this a file is not one of ours. */
const MAX_BYTES = 64_000_000;

/** @throws EdgewiseError `malformed`, `unsupported`: what is wrong with the file, and what to do */
export async function readReportFile(uri: vscode.Uri): Promise<Report> {
  const name = path.basename(uri.fsPath);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_BYTES) throw malformed(name, 'is too large for a report');
  const value = parseJson(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)), name);
  const version = versionOf(value);
  if (version === null) throw malformed(name, 'is not a report of Edgewise');
  if (version > REPORT_VERSION) {
    throw new EdgewiseError('unsupported', `${name} was written by a newer Edgewise. Update the extension.`);
  }
  const result = reportSchema.safeParse(value);
  if (!result.success)
    throw malformed(
      name,
      `is damaged: ${result.error.issues[0]?.path.join('.') ?? 'its content'} is not as it must be`,
    );
  return result.data;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(name, 'is not JSON, or only a part of one');
  }
}

function versionOf(value: unknown): number | null {
  const ours = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'edgewise.report';
  return ours && 'version' in value && typeof value.version === 'number' ? value.version : null;
}

function malformed(name: string, what: string): EdgewiseError {
  return new EdgewiseError('malformed', `${name} ${what}. Compress the model again, or open the file as text.`, {
    file: name,
  });
}
