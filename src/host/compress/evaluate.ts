import path from 'node:path';
import * as vscode from 'vscode';
import type { Measurement } from '../../protocol/engine';
import { chosenModel } from '../chosen-model';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { requireTrust } from '../trust';
import { sizeText } from './size-text';
import { DataFinder } from './data';
import { withProgress } from './with-progress';

/** Measures a model on its data and says what came out. */
export async function evaluate(
  resource: vscode.Uri | undefined,
  memory: vscode.Memento,
  engine: EngineClient,
  documents: ModelDocuments,
): Promise<Measurement | null> {
  requireTrust('Evaluating');
  const model = await chosenModel(resource, documents, 'Evaluate');
  if (!model) return null;
  const finder = new DataFinder(memory, engine);
  const found = (await finder.known(model)) ?? (await finder.ask(model));
  if (!found) return null;
  const name = path.basename(model.fsPath);
  const params = { model: model.fsPath, data: found.data, base: found.base };
  const measurement = await withProgress(`Evaluating ${name}`, (signal, onProgress) =>
    engine.run('evaluate', params, { signal, onProgress }),
  );
  if (found.from === 'asked') await finder.remember(model, found);
  void showFigures(`${name}: ${measurementText(measurement)}`);
  return measurement;
}

async function showFigures(text: string): Promise<void> {
  const copy = 'Copy';
  if ((await vscode.window.showInformationMessage(text, copy)) === copy) await vscode.env.clipboard.writeText(text);
}

function measurementText({ metric, value, interval, samples, latencyMs, bytes, reason }: Measurement): string {
  const margin = interval ? ` ±${(50 * (interval[1] - interval[0])).toFixed(1)}` : '';
  const quality =
    metric === null || value === null
      ? (reason ?? 'accuracy not measured')
      : `${metric} ${(100 * value).toFixed(1)} %${margin} on ${samples.toLocaleString('en')} samples`;
  const speed = latencyMs ? `, ${latencyMs.median.toFixed(2)} ms a sample (${latencyMs.threads} threads)` : '';
  return `${quality}${speed}, ${sizeText(bytes)}.`;
}
