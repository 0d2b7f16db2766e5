import type * as vscode from 'vscode';
import type { CompressOutcome, CompressRequest } from '../../protocol/engine';
import { parseMessage } from '../../protocol/page-messages';
import { trainingPageStateSchema, type TrainingPageState } from '../../protocol/training';
import { resumeHint } from './end-line';
import { TrainingProgress } from './training-progress';
import { subjectOf, TrainingTab, type TrainingTabServices } from './training-tab';

/** The tabs of trainings, one a recipe. */
export class TrainingTabs {
  private readonly tabs = new Map<string, TrainingTab>();

  constructor(private readonly services: TrainingTabServices) {}

  /**
   * Carries out a recipe that trains, and shows it in its tab.
   * @throws EdgewiseError what the engine throws; `usage` while the recipe is being carried out already
   */
  run(request: CompressRequest, also?: AbortSignal): Promise<CompressOutcome> {
    const recipe = request.recipeFile ?? request.model;
    let tab = this.tabs.get(recipe);
    if (!tab) {
      const job = { model: request.model, recipe, report: null };
      tab = new TrainingTab(job, new TrainingProgress(subjectOf(request)), this.services);
      this.tabs.set(recipe, tab);
    }
    return tab.run(request, also);
  }

  /** Brings a tab back after its window was reloaded: what ran then has ended with the window, and can be resumed. */
  restore(panel: vscode.WebviewPanel, left: unknown): void {
    const known = parseMessage(trainingPageStateSchema, left);
    if (known === null) {
      panel.dispose();
      return;
    }
    const { state, job } = known;
    const progress = new TrainingProgress(state, state);
    if (wasRunning(state.phase)) progress.enter('interrupted', interruptedLine(progress), performance.now());
    const tab = new TrainingTab(job, progress, this.services);
    this.tabs.set(job.recipe, tab);
    tab.show(panel);
  }
}

function wasRunning(phase: TrainingPageState['state']['phase']): boolean {
  return phase === 'starting' || phase === 'running' || phase === 'paused' || phase === 'stopping';
}

function interruptedLine({ state }: TrainingProgress): string {
  return `Training ended with the window, at about step ${state.step.toLocaleString('en')}. ${resumeHint(state.savedStep)}`;
}
