import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engine-client';
import { checkWithUser } from './check-with-user';
import type { DataFinder, FoundData } from './data';

/** Data that the user names and has seen tried; null when the user leaves. */
export async function askedData(
  model: vscode.Uri,
  finder: DataFinder,
  engine: EngineClient,
): Promise<FoundData | null> {
  let found = await finder.ask(model);
  while (found) {
    const answer = await checkWithUser(engine, model, found);
    if (answer === 'leave') return null;
    await finder.remember(model, found);
    if (answer === 'use') return found;
    await vscode.commands.executeCommand('edgewise.findPreprocessing', model);
    found = await finder.known(model);
  }
  return null;
}
