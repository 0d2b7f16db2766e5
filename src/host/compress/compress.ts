import path from 'node:path';
import * as vscode from 'vscode';
import { compressionChoices, type CompressionChoice } from '../../core/analysis/compression-choices';
import { EdgewiseError } from '../../core/errors';
import { removeLeftovers } from '../../core/formats/leftovers';
import type { DataSection, Recipe } from '../../core/recipe/recipe.schema';
import type { CompressOutcome, CompressRequest } from '../../protocol/engine';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { REPORT_EDITOR } from '../registrations';
import { chosenModel } from '../chosen-model';
import { requireTrust } from '../trust';
import { choiceItems, type Picked } from './choice-items';
import { checkWithUser } from './check-with-user';
import { DataFinder, recipeBeside, type FoundData } from './data';
import { pickChoice } from './pick-choice';
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
    const outcome = await this.compress(request, given.signal);
    if (outcome.reportPath) {
      await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(outcome.reportPath), REPORT_EDITOR);
    } else {
      void vscode.window.showWarningMessage(`${outcome.report.verdict} The target was missed, so no file was kept.`);
    }
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
    const items = choiceItems(choices, await recipeBeside(model));
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
      const file = picked.file.fsPath;
      const { recipe, base } = await this.engine.inspect('readRecipe', { file });
      return { model: model.fsPath, recipe, base, recipeFile: file };
    }
    const { choice } = picked;
    let found = known;
    if (!found && choice.needsData) {
      found = await this.finder.ask(model);
      if (!found || !(await checkWithUser(this.engine, model, found))) return null;
      await this.finder.remember(model, found);
    }
    return { model: model.fsPath, recipe: recipeOf(choice, found), base: found?.base ?? path.dirname(model.fsPath) };
  }

  private async compress(request: CompressRequest, also: AbortSignal | undefined): Promise<CompressOutcome> {
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
    const command =
      picked.kind === 'recipe'
        ? `edgewise compress --recipe ${JSON.stringify(path.basename(picked.file.fsPath))}`
        : await this.commandOf(model, picked.choice, known);
    if (command === null) return;
    await vscode.env.clipboard.writeText(command);
    vscode.window.setStatusBarMessage('Edgewise: command copied', 3000);
  }

  private async commandOf(
    model: vscode.Uri,
    choice: CompressionChoice,
    known: FoundData | null,
  ): Promise<string | null> {
    const base = known?.base ?? path.dirname(model.fsPath);
    const { command } = await this.engine.inspect('commandLine', {
      model: model.fsPath,
      recipe: recipeOf(choice, known),
      base,
    });
    return command;
  }
}

function recipeOf(choice: CompressionChoice, found: FoundData | null): Recipe {
  const samples = vscode.workspace.getConfiguration('edgewise').get<number>('calibration.samples', 512);
  const steps = choice.steps.map(({ quantize }) => ({ quantize: { ...quantize, samples } }));
  return { version: 1, steps, ...(found ? { data: found.data } : {}) };
}

function givenData(model: vscode.Uri, data: DataSection): FoundData {
  return { data, base: path.dirname(model.fsPath), from: 'given' };
}

function alreadySmall(name: string): string {
  return `${name} has no weights that int8 or float16 would make smaller: it is compressed already, or has none.`;
}
