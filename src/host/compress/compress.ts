import path from 'node:path';
import * as vscode from 'vscode';
import { compressionChoices, type CompressionChoice } from '../../core/analysis/compression-choices';
import { EdgewiseError } from '../../core/errors';
import { freeName } from '../../core/formats/atomic-file';
import { removeLeftovers } from '../../core/formats/leftovers';
import type { DataSection, Recipe } from '../../core/recipe/recipe.schema';
import type { CompressOutcome, CompressRequest, EngineRequests } from '../../protocol/engine';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { chosenModel } from '../chosen-model';
import { trainingSteps } from '../training/method-text';
import type { TrainingTabs } from '../training/training-tabs';
import { requireTrust } from '../trust';
import { choiceItems, type Picked } from './choice-items';
import { askedData } from './ask-data';
import { DataFinder, type FoundData } from './data';
import { pickChoice } from './pick-choice';
import { modelOf, recipeFor, savedDocument } from './recipe-beside';
import { showOutcome } from './show-outcome';
import { withProgress } from './with-progress';

/**
 * Arguments after the model with which `edgewise.compress` asks nothing: for keybindings, tasks and tests.
 * `data` is a data section with paths relative to the model's folder.
 */
export interface CompressArguments {
  choice?: CompressionChoice['id'];
  data?: DataSection;
  signal?: AbortSignal;
}

/** The flow from a model file to its report: choose, find data, run, open. */
export class CompressFlow {
  private readonly finder: DataFinder;

  constructor(
    memory: vscode.Memento,
    private readonly engine: EngineClient,
    private readonly documents: ModelDocuments,
    private readonly training: TrainingTabs,
  ) {
    this.finder = new DataFinder(memory, engine);
  }

  /** @returns the outcome, or null when the user left. @throws EdgewiseError with what to do */
  async run(resource: vscode.Uri | undefined, given: CompressArguments = {}): Promise<CompressOutcome | null> {
    requireTrust('Compressing');
    const model = await chosenModel(resource, this.documents, 'Compress');
    if (!model) return null;
    const known = given.data ? givenData(model, given.data) : await this.finder.known(model);
    const picked = await this.pick(model, known, given.choice);
    if (!picked) return null;
    const request = await this.requestOf(model, picked, known);
    if (!request) return null;
    const outcome = await this.compress(request, given.signal).catch(async (error: unknown) => {
      if (known?.from === 'remembered' && isAboutData(error)) await this.finder.forget(model);
      throw error;
    });
    return this.shown(outcome);
  }

  /**
   * Does what a recipe file says, on the model that it names, or on the one beside it of the same name.
   * @returns the outcome, or null when the user left. @throws EdgewiseError with what to do
   */
  async runRecipe(file: vscode.Uri | undefined, signal?: AbortSignal): Promise<CompressOutcome | null> {
    requireTrust('Compressing');
    if (!file) throw new EdgewiseError('usage', 'Open a recipe, or right-click one, to run it.');
    await savedDocument(file);
    const { recipe, base } = await this.engine.inspect('readRecipe', { file: file.fsPath });
    const model = await modelOf(recipe, base, file, this.documents);
    if (!model) return null;
    const request = await this.requestOf(model, { kind: 'recipe', found: { file, recipe, base } }, null);
    return request && this.shown(await this.compress(request, signal));
  }

  private async shown(outcome: CompressOutcome): Promise<CompressOutcome> {
    await showOutcome(outcome);
    return outcome;
  }

  private async pick(
    model: vscode.Uri,
    known: FoundData | null,
    id: CompressionChoice['id'] | undefined,
  ): Promise<Picked | null> {
    const choices = await this.choicesFor(model, known !== null);
    if (id !== undefined) {
      const choice = choices.find((candidate) => candidate.id === id);
      if (!choice) throw new EdgewiseError('usage', `${path.basename(model.fsPath)} cannot be compressed to ${id}.`);
      return { kind: 'choice', choice };
    }
    const items = choiceItems(choices, await recipeFor(model, this.engine));
    const title = `Compress ${path.basename(model.fsPath)}`;
    return pickChoice(title, items, (picked) => this.copyAsCommand(model, picked, known));
  }

  private async choicesFor(model: vscode.Uri, data: boolean): Promise<CompressionChoice[]> {
    const document = this.documents.open(model);
    try {
      await document.ready();
      const { state } = document;
      if (state?.kind !== 'model') throw new EdgewiseError('malformed', state?.message ?? 'The model cannot be read.');
      const choices = compressionChoices(state.summary, { data });
      if (choices.length > 0) return choices;
      throw new EdgewiseError('usage', alreadySmall(document.name));
    } finally {
      document.dispose();
    }
  }

  /** Data are asked for only where the choice cannot do without, and are tried on the model before they are used. */
  private async requestOf(model: vscode.Uri, picked: Picked, known: FoundData | null): Promise<CompressRequest | null> {
    if (picked.kind === 'recipe') {
      const { file, recipe, base } = picked.found;
      const output = recipe.output === undefined ? {} : { output: await freeName(path.resolve(base, recipe.output)) };
      return { model: model.fsPath, recipe, base, recipeFile: file.fsPath, ...output };
    }
    const { choice } = picked;
    let found = known;
    if (!found && choice.needsData) {
      found = await askedData(model, this.finder, this.engine);
      if (!found) return null;
    }
    return { model: model.fsPath, recipe: recipeOf(choice, found), base: found?.base ?? path.dirname(model.fsPath) };
  }

  private async compress(request: CompressRequest, also: AbortSignal | undefined): Promise<CompressOutcome> {
    if (trainingSteps(request.recipe).length > 0) return this.training.run(request, also);
    try {
      return await withProgress(
        `Compressing ${path.basename(request.model)}`,
        (signal, onProgress) => this.engine.run('compress', request, { signal, onProgress }),
        also,
      );
    } finally {
      // An engine that had to be killed could not tidy up.
      await removeLeftovers(path.dirname(request.output ?? request.model));
    }
  }

  private async copyAsCommand(model: vscode.Uri, picked: Picked, known: FoundData | null): Promise<void> {
    const { command } = await this.engine.inspect('commandLine', commandRequest(model, picked, known));
    if (command === null) return;
    await vscode.env.clipboard.writeText(command);
    vscode.window.setStatusBarMessage('Edgewise: command copied', 3000);
  }
}

/** Where data are needed and not known, the command says where they go. */
const PLACEHOLDER: DataSection = { all: 'DATA' };

function commandRequest(
  model: vscode.Uri,
  picked: Picked,
  known: FoundData | null,
): EngineRequests['commandLine']['params'] {
  const folder = path.dirname(model.fsPath);
  if (picked.kind === 'recipe') {
    const { file, recipe, base } = picked.found;
    return { model: model.fsPath, recipe, base, recipeFile: file.fsPath };
  }
  const data = known ?? (picked.choice.needsData ? { data: PLACEHOLDER, base: folder } : null);
  return { model: model.fsPath, recipe: recipeOf(picked.choice, data), base: data?.base ?? folder };
}

function recipeOf(choice: CompressionChoice, found: Pick<FoundData, 'data'> | null): Recipe {
  const samples = vscode.workspace.getConfiguration('edgewise').get<number>('calibration.samples', 512);
  const steps = choice.steps.map((step) =>
    step.quantize === undefined || step.quantize.activations === 'float32'
      ? step
      : { quantize: { ...step.quantize, samples } },
  );
  const target = choice.target === undefined ? {} : { target: choice.target };
  return { version: 1, steps, ...target, ...(found ? { data: found.data } : {}) };
}

/** Data that were remembered and do not serve are asked for the next time. */
function isAboutData(error: unknown): boolean {
  return EdgewiseError.is(error, 'bad-data') || EdgewiseError.is(error, 'not-found');
}

function givenData(model: vscode.Uri, data: DataSection): FoundData {
  return { data, base: path.dirname(model.fsPath), from: 'given' };
}

function alreadySmall(name: string): string {
  return `${name} has no weights that fewer bits would make smaller: it is compressed already, or has none.`;
}
