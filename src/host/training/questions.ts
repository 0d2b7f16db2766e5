import path from 'node:path';
import * as vscode from 'vscode';
import { precisionItems, type PrecisionId } from './precision-items';

/** Epochs that are offered; another number can be typed. */
const EPOCHS = [
  { epochs: 3, description: 'recommended', detail: 'Enough to win back what fewer bits cost, mostly.' },
  { epochs: 1, detail: 'To see whether it works.' },
  { epochs: 10, detail: 'For four bits and fewer.' },
  { epochs: 30, detail: 'For two bits and one, or for much to learn.' },
];
/** As the recipe allows. */
const MOST_EPOCHS = 10_000;
/** Teachers offered when the workspace has many models. */
const MAX_OFFERED = 200;

/** @returns null when dismissed */
export async function askedPrecision(title: string, withFloats: boolean): Promise<PrecisionId | 'float32' | null> {
  const placeHolder = 'What should weights and activations become?';
  const picked = await vscode.window.showQuickPick(precisionItems(withFloats), { title, placeHolder });
  return picked?.id ?? null;
}

/** How often every sample is seen; null when dismissed. */
export async function askedEpochs(title: string): Promise<number | null> {
  const items = [
    ...EPOCHS.map(({ epochs, ...rest }) => ({ label: epochs === 1 ? '1 epoch' : `${epochs} epochs`, epochs, ...rest })),
    { label: '$(edit) Another number…', epochs: null },
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: 'How often is every sample seen?' });
  if (!picked) return null;
  return picked.epochs ?? typedEpochs(title);
}

async function typedEpochs(title: string): Promise<number | null> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Epochs: times that every training sample is seen. Parts of one are possible.',
    value: '5',
    validateInput: (typed) =>
      isEpochs(Number(typed)) ? null : `Type a number above 0 and up to ${MOST_EPOCHS.toLocaleString('en')}.`,
  });
  return text === undefined ? null : Number(text);
}

const isEpochs = (value: number): boolean => Number.isFinite(value) && value > 0 && value <= MOST_EPOCHS;

/** The model that answers are learned from; null when dismissed. */
export async function askedTeacher(model: vscode.Uri, title: string): Promise<vscode.Uri | null> {
  const found = await vscode.workspace.findFiles('**/*.onnx', '**/node_modules/**', MAX_OFFERED);
  const items: (vscode.QuickPickItem & { file: vscode.Uri | null })[] = [
    ...found
      .filter(({ fsPath }) => fsPath !== model.fsPath)
      .map((file) => ({
        label: `$(mortar-board) ${path.basename(file.fsPath)}`,
        description: vscode.workspace.asRelativePath(vscode.Uri.joinPath(file, '..')),
        file,
      })),
    { label: '$(folder-opened) Another file…', file: null },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'Which model does it learn from? A larger one that takes the same inputs',
  });
  if (!picked || picked.file) return picked?.file ?? null;
  const [opened] = (await vscode.window.showOpenDialog({ title: 'Teacher', filters: { Models: ['onnx'] } })) ?? [];
  return opened ?? null;
}
