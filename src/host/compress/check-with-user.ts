import path from 'node:path';
import * as vscode from 'vscode';
import type { DataCheck } from '../../protocol/engine';
import type { EngineClient } from '../engine/engine-client';
import type { FoundData } from './data';
import { withProgress } from './with-progress';

/** What the user makes of data that were tried on a model. */
export type CheckAnswer = 'use' | 'find-preprocessing' | 'leave';

/** Tries data on the model, shows what was found, and asks whether to go on. */
export async function checkWithUser(engine: EngineClient, model: vscode.Uri, found: FoundData): Promise<CheckAnswer> {
  const params = { model: model.fsPath, data: found.data, base: found.base };
  const check = await withProgress('Trying the data on the model', (signal, onProgress) =>
    engine.run('checkData', params, { signal, onProgress }),
  );
  const use = 'Use These Data';
  const find = 'Find Preprocessing…';
  const answer = await vscode.window.showInformationMessage(
    `Data for ${path.basename(model.fsPath)}`,
    { modal: true, detail: checkText(check) },
    ...(check.guessing ? [find, use] : [use]),
  );
  return answer === use ? 'use' : answer === find ? 'find-preprocessing' : 'leave';
}

function checkText({ samples, accuracy, labelled, split, warnings }: DataCheck): string {
  const quality =
    accuracy === null
      ? labelled
        ? 'The model is not a classifier, so accuracy is not measured.'
        : 'There are no labels: agreement with the original model is measured instead of accuracy.'
      : `The model answers ${(100 * accuracy).toFixed(1)} % of a few samples right.`;
  return [
    `${samples.calibration.toLocaleString('en')} samples to calibrate with, ${samples.test.toLocaleString('en')} to measure on.`,
    quality,
    split,
    ...warnings,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
