import path from 'node:path';
import type * as vscode from 'vscode';
import { EdgewiseError } from '../../core/errors';
import type { DataSection, WrittenRecipe } from '../../core/recipe/recipe.schema';
import type { CompressOutcome } from '../../protocol/engine';
import { chosenModel } from '../chosen-model';
import { askedData } from '../compress/ask-data';
import type { CompressFlow } from '../compress/compress';
import { DataFinder } from '../compress/data';
import type { ModelDocuments } from '../documents/model-documents';
import type { EngineClient } from '../engine/engine-client';
import { requireTrust } from '../trust';
import { PRECISIONS, type PrecisionId } from './precision-items';
import { askedEpochs, askedPrecision, askedTeacher } from './questions';
import { slashed, withTrainingSamples } from './training-data';
import { writeRecipe } from './write-recipe';

export const TRAINING_KINDS = { 'fine-tune': 'Fine-Tune', quantized: 'Train Quantized', distil: 'Distil' } as const;
export type TrainingKind = keyof typeof TRAINING_KINDS;

/**
 * Answers after the model that are then not asked for: for keybindings, tasks and tests. `data` is a data section, and
 * `teacher` a path, both relative to the model's folder.
 */
export interface TrainArguments {
  data?: DataSection;
  precision?: PrecisionId | 'float32';
  epochs?: number;
  teacher?: string;
  signal?: AbortSignal;
}

type Step = NonNullable<WrittenRecipe['steps']>[number];

/** From a model file to a recipe that trains it, which is then carried out. */
export class TrainFlow {
  private readonly finder: DataFinder;

  constructor(
    memory: vscode.Memento,
    private readonly engine: EngineClient,
    private readonly documents: ModelDocuments,
    private readonly recipes: CompressFlow,
  ) {
    this.finder = new DataFinder(memory, engine);
  }

  /** @returns the outcome, or null when the user left. @throws EdgewiseError with what to do */
  async run(
    kind: TrainingKind,
    resource: vscode.Uri | undefined,
    given: TrainArguments = {},
  ): Promise<CompressOutcome | null> {
    requireTrust('Training');
    const model = await chosenModel(resource, this.documents, TRAINING_KINDS[kind]);
    if (!model) return null;
    const title = `${TRAINING_KINDS[kind]} ${path.basename(model.fsPath)}`;
    const step = await this.stepOf(kind, model, title, given);
    const found = step && (await this.dataOf(model, title, given));
    if (!step || !found) return null;
    const { data, base: folder } = found;
    const recipe = { version: 1 as const, model: slashed(path.relative(folder, model.fsPath)), data, steps: [step] };
    const command = `Edgewise: ${TRAINING_KINDS[kind]}`;
    const file = await writeRecipe(recipe, { folder, model, command }, this.engine);
    return this.recipes.runRecipe(file, given.signal);
  }

  private async stepOf(
    kind: TrainingKind,
    model: vscode.Uri,
    title: string,
    given: TrainArguments,
  ): Promise<Step | null> {
    const teacher = kind === 'distil' ? (given.teacher ?? (await this.teacherOf(model, title))) : undefined;
    if (teacher === null) return null;
    const precision =
      kind === 'fine-tune' ? 'float32' : (given.precision ?? (await askedPrecision(title, kind === 'distil')));
    if (precision === null) return null;
    const epochs = given.epochs ?? (await askedEpochs(title));
    if (epochs === null) return null;
    const quantize = precision === 'float32' ? {} : { quantize: PRECISIONS[precision] };
    if (teacher !== undefined) return { distil: { teacher, epochs, ...quantize } };
    return { train: { epochs, ...quantize } };
  }

  private async teacherOf(model: vscode.Uri, title: string): Promise<string | null> {
    const teacher = await askedTeacher(model, title);
    if (teacher?.fsPath === model.fsPath)
      throw new EdgewiseError('usage', 'A model learns nothing from itself. Choose a larger one as its teacher.');
    return teacher && slashed(path.relative(path.dirname(model.fsPath), teacher.fsPath));
  }

  private async dataOf(
    model: vscode.Uri,
    title: string,
    { data }: TrainArguments,
  ): Promise<{ data: DataSection; base: string } | null> {
    if (data) return { data, base: path.dirname(model.fsPath) };
    const found = (await this.finder.known(model)) ?? (await askedData(model, this.finder, this.engine));
    const complete = found && (await withTrainingSamples(found, title));
    return complete && { data: complete, base: found.base };
  }
}

/** The explorer passes its selection as second argument; only an object of ours is taken for arguments. */
export function trainArgumentsOf(given: unknown): TrainArguments {
  return isTrainArguments(given) ? given : {};
}

const NAMES = ['data', 'precision', 'epochs', 'teacher', 'signal'];

function isTrainArguments(given: unknown): given is TrainArguments {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  return Object.keys(given).some((name) => NAMES.includes(name));
}
