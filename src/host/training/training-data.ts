import path from 'node:path';
import * as vscode from 'vscode';
import type { DataSection, DataSource } from '../../core/recipe/recipe.schema';
import type { FoundData } from '../compress/data';

/** What lies beside other data under this name is for training. */
const TRAINING_NAME = /(^|[^a-z])train/i;

/**
 * Data with samples to train on: what they say, or what the user picks where they only calibrate and test.
 * @returns null when dismissed
 */
export async function withTrainingSamples(found: FoundData, title: string): Promise<DataSection | null> {
  const { data, base } = found;
  if (data.all !== undefined || data.train !== undefined) return data;
  const beside = await besideData(data, base);
  const calibration = pathOf(data.calibration);
  const items: (vscode.QuickPickItem & { source: string | null | undefined })[] = [
    ...beside.map((source) => ({ label: `$(database) ${source}`, description: 'found beside the data', source })),
    ...(calibration === null
      ? []
      : [{ label: `$(database) ${calibration}`, description: 'the samples for calibration', source: undefined }]),
    { label: '$(folder-opened) Another file…', source: null },
  ];
  const placeHolder = 'Which samples are learned from? Never those of the test';
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder });
  if (!picked) return null;
  // Calibration samples are learned from where nothing else is named.
  if (picked.source === undefined) return data;
  const source = picked.source ?? (await openedFile(base));
  return source === null ? null : { ...data, train: source };
}

/** Files and folders beside the calibration or test data whose names say that they are for training. */
async function besideData({ calibration, test }: DataSection, base: string): Promise<string[]> {
  const known = pathOf(calibration) ?? pathOf(test);
  if (known === null) return [];
  const folder = path.dirname(path.resolve(base, known));
  try {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.file(folder));
    const ending = path.extname(known);
    return entries
      .map(([name]) => name)
      .filter((name) => TRAINING_NAME.test(name) && path.extname(name) === ending)
      .map((name) => slashed(path.relative(base, path.join(folder, name))));
  } catch {
    return [];
  }
}

async function openedFile(base: string): Promise<string | null> {
  const [chosen] =
    (await vscode.window.showOpenDialog({ title: 'Training Samples', defaultUri: vscode.Uri.file(base) })) ?? [];
  return chosen ? slashed(path.relative(base, chosen.fsPath)) : null;
}

function pathOf(source: DataSource | undefined): string | null {
  if (source === undefined) return null;
  if (typeof source === 'string') return source;
  return 'path' in source ? source.path : null;
}

/** Recipes name files with slashes on every system. */
export const slashed = (file: string): string => file.split(path.sep).join('/');
