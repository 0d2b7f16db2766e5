import type * as vscode from 'vscode';
import { Output } from './host/diagnostics/output';
import type { Features } from './host/features';
import { registerRecipes } from './host/recipes/register';
import {
  registerCommands,
  registerEditors,
  registerLayersView,
  registerLenses,
  registerTrainingTabs,
} from './host/registrations';

/** What tests may look at. */
export interface ExtensionApi {
  /** Loads the features when nothing has needed them yet. */
  features(): Promise<Features>;
  readonly output: Output;
}

/** Registers the features and nothing else: readers, schemas and the engine's client are loaded with their first use. */
export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const output = new Output();
  let loading: Promise<Features> | null = null;
  const features = (): Promise<Features> => {
    loading ??= import('./host/features').then((module) => new module.Features(context, output));
    return loading;
  };
  context.subscriptions.push(
    output.channel,
    ...registerCommands(features, output),
    ...registerEditors(features),
    registerLayersView(features),
    registerLenses(features),
    registerTrainingTabs(features),
    ...registerRecipes(features),
    { dispose: () => void loading?.then((loaded) => loaded.dispose()) },
  );
  return { features, output };
}
