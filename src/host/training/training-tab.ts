import path from 'node:path';
import * as vscode from 'vscode';
import { EdgewiseError, messageOf } from '../../core/errors';
import { removeLeftovers } from '../../core/formats/leftovers';
import type { CompressOutcome, CompressRequest } from '../../protocol/engine';
import { fromTrainingTab, type FromTrainingTab, type ToTrainingTab, type TrainingJob } from '../../protocol/training';
import type { Output } from '../diagnostics/output';
import type { EngineClient, SteeringMethod, Steer } from '../engine/engine-client';
import { REPORT_EDITOR, TRAINING_TAB } from '../registrations';
import { connectPage } from '../webviews/page';
import { methodText, trainingSteps } from './method-text';
import { endLine, resumeHint } from './end-line';
import type { TrainingProgress, TrainingSubject } from './training-progress';

export interface TrainingTabServices {
  readonly extensionUri: vscode.Uri;
  readonly engine: EngineClient;
  readonly output: Output;
}

type Action = Extract<FromTrainingTab, { type: 'action' }>['action'];

/** What runs at the moment. */
interface Attempt {
  readonly cancelling: AbortController;
  steer: Steer | null;
}

/** The training of one recipe, and the tab that shows it while it is open. */
export class TrainingTab {
  private panel: vscode.WebviewPanel | null = null;
  private post: ((message: ToTrainingTab) => void) | null = null;
  private attempt: Attempt | null = null;

  constructor(
    private job: TrainingJob,
    private readonly progress: TrainingProgress,
    private readonly services: TrainingTabServices,
  ) {}

  get isRunning(): boolean {
    return this.attempt !== null;
  }

  /** Shows the tab, in a panel that VS Code brings back or in one of its own. */
  show(restored?: vscode.WebviewPanel): void {
    if (this.panel && !restored) {
      this.panel.reveal();
      return;
    }
    const title = `Training ${this.progress.state.model}`;
    const panel =
      restored ??
      vscode.window.createWebviewPanel(TRAINING_TAB, title, vscode.ViewColumn.Active, {
        retainContextWhenHidden: true,
      });
    this.panel = panel;
    this.post = connectPage<ToTrainingTab, FromTrainingTab>(panel.webview, {
      name: 'training',
      title: 'Training',
      extensionUri: this.services.extensionUri,
      output: this.services.output,
      incoming: fromTrainingTab,
      onMessage: (message) => {
        if (message.type === 'ready') this.update();
        else void this.act(message.action).catch((error: unknown) => this.services.output.show(error));
      },
    });
    panel.onDidDispose(() => this.closed());
  }

  /**
   * Trains, in a process of its own.
   * @throws EdgewiseError what the engine throws; `usage` while it trains already
   */
  async run(request: CompressRequest, also?: AbortSignal): Promise<CompressOutcome> {
    this.show();
    if (this.attempt)
      throw new EdgewiseError('usage', `${this.progress.state.recipe} is being carried out already: see its tab.`);
    const attempt: Attempt = { cancelling: new AbortController(), steer: null };
    this.attempt = attempt;
    this.progress.begin(subjectOf(request));
    this.update();
    try {
      const signal = also ? AbortSignal.any([attempt.cancelling.signal, also]) : attempt.cancelling.signal;
      const outcome = await this.train(request, attempt, signal);
      this.job = { ...this.job, report: outcome.reportPath };
      this.enter(outcome.reportPath === null ? 'missed' : 'finished', endLine(outcome));
      return outcome;
    } catch (error) {
      const isCancelled = EdgewiseError.is(error, 'cancelled');
      const said = `${messageOf(error)} ${resumeHint(this.progress.state.savedStep)}`;
      this.enter(isCancelled ? 'cancelled' : 'failed', said);
      throw error;
    } finally {
      this.attempt = null;
      // An engine that had to be killed could not tidy up.
      await removeLeftovers(path.dirname(request.output ?? request.model));
    }
  }

  private train(request: CompressRequest, attempt: Attempt, signal: AbortSignal): Promise<CompressOutcome> {
    const wanted = vscode.workspace.getConfiguration('edgewise').get<string>('training.executionProvider', 'cpu');
    const provider = wanted === 'cpu' ? {} : { provider: wanted };
    return this.services.engine.run(
      'train',
      { ...request, ...provider },
      {
        signal,
        onStart: (steer) => (attempt.steer = steer),
        onProgress: (news) => {
          this.progress.take(news, performance.now());
          this.update();
        },
      },
    );
  }

  private async act(action: Action): Promise<void> {
    switch (action) {
      case 'pause':
        return this.steer('pauseTraining', 'paused', 'Paused');
      case 'go-on':
        return this.steer('resumeTraining', 'running', 'Training');
      case 'stop':
        return this.steer('stopTraining', 'stopping', 'Stopping after this step; the best weights so far are kept');
      case 'cancel':
        this.attempt?.cancelling.abort();
        return;
      case 'resume':
        await vscode.commands.executeCommand('edgewise.runRecipe', vscode.Uri.file(this.job.recipe));
        return;
      case 'open-recipe':
        await vscode.window.showTextDocument(vscode.Uri.file(this.job.recipe));
        return;
      case 'open-report':
        if (this.job.report === null) return;
        await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(this.job.report), REPORT_EDITOR);
    }
  }

  private async steer(method: SteeringMethod, phase: 'paused' | 'running' | 'stopping', line: string): Promise<void> {
    const { attempt } = this;
    const isSteered = await attempt?.steer?.(method);
    // It may have ended meanwhile.
    if (isSteered && this.attempt === attempt) this.enter(phase, line);
  }

  /** Closing the tab ends nothing that runs: it is said, with ways on. */
  private closed(): void {
    this.panel = null;
    this.post = null;
    if (this.attempt) void this.sayThatItGoesOn();
  }

  private async sayThatItGoesOn(): Promise<void> {
    const show = 'Show Training';
    const cancel = 'Cancel Training';
    const said = `Training of ${this.progress.state.model} goes on without its tab.`;
    const answer = await vscode.window.showInformationMessage(said, show, cancel);
    if (answer === show) this.show();
    if (answer === cancel) await this.act('cancel');
  }

  private enter(phase: Parameters<TrainingProgress['enter']>[0], line: string): void {
    this.progress.enter(phase, line, performance.now());
    this.update();
  }

  private update(): void {
    this.post?.({ type: 'state', state: this.progress.state, job: this.job });
  }
}

export function subjectOf({ model, recipe, recipeFile }: CompressRequest): TrainingSubject {
  return {
    model: path.basename(model),
    recipe: path.basename(recipeFile ?? model),
    method: methodText(recipe),
    epochs: trainingSteps(recipe).at(-1)?.epochs ?? 0,
  };
}
