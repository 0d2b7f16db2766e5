import path from 'node:path';
import * as vscode from 'vscode';
import type { DataSection } from '../../core/recipe/recipe.schema';
import { recipeFor } from './recipe-beside';
import type { EngineClient } from '../engine/engine-client';

/** Data for a model, with the folder that its paths are relative to, and where it was found. */
export interface FoundData {
  readonly data: DataSection;
  readonly base: string;
  readonly from: 'recipe' | 'remembered' | 'asked' | 'given';
  /** The recipe's file, where they are from one. */
  readonly recipe?: vscode.Uri;
}

const MEMORY_KEY = 'edgewise.data';
type Memory = Record<string, { data: DataSection; base: string }>;

/** Where data for models is found, and remembered. */
export class DataFinder {
  constructor(
    private readonly memory: vscode.Memento,
    private readonly engine: EngineClient,
  ) {}

  /** Data that is known without asking: the recipe's beside the model, else what this workspace remembers. */
  async known(model: vscode.Uri): Promise<FoundData | null> {
    const found = await recipeFor(model, this.engine);
    if (found?.recipe.data) return { data: found.recipe.data, base: found.base, from: 'recipe', recipe: found.file };
    const remembered = this.memory.get<Memory>(MEMORY_KEY, {})[model.toString()];
    return remembered ? { ...remembered, from: 'remembered' } : null;
  }

  /** Asks for a file or a folder. Null when dismissed. */
  async ask(model: vscode.Uri): Promise<FoundData | null> {
    const archive = {
      label: '$(file-zip) Arrays or images in a file…',
      detail: '.npz with arrays named like the model’s inputs and “labels”, Parquet, CSV, IDX, or COCO’s boxes.',
      folders: false,
    };
    const folder = {
      label: '$(file-media) Folder of images by class…',
      detail: 'One folder a class, PNG or JPEG pictures in each.',
      folders: true,
    };
    const how = await vscode.window.showQuickPick([archive, folder], {
      title: `Data for ${path.basename(model.fsPath)}`,
      placeHolder: 'Some samples that look like what the model will see',
    });
    if (!how) return null;
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: how.folders ? 'Folder of Images by Class' : 'Data File',
        defaultUri: vscode.Uri.joinPath(model, '..'),
        canSelectFiles: !how.folders,
        canSelectFolders: how.folders,
        ...(how.folders
          ? {}
          : { filters: { 'Data sets': ['npz', 'npy', 'parquet', 'csv', 'jsonl', 'json', 'idx', 'gz', '*'] } }),
      })) ?? [];
    if (!chosen) return null;
    const base = path.dirname(model.fsPath);
    return { data: { all: path.relative(base, chosen.fsPath) || '.' }, base, from: 'asked' };
  }

  async remember(model: vscode.Uri, { data, base }: FoundData): Promise<void> {
    const memory = this.memory.get<Memory>(MEMORY_KEY, {});
    await this.memory.update(MEMORY_KEY, { ...memory, [model.toString()]: { data, base } });
  }

  async forget(model: vscode.Uri): Promise<void> {
    const memory = this.memory.get<Memory>(MEMORY_KEY, {});
    const rest = Object.fromEntries(Object.entries(memory).filter(([key]) => key !== model.toString()));
    await this.memory.update(MEMORY_KEY, rest);
  }
}
