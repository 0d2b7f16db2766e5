import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { FromTrainingTab, TrainingPhase, TrainingState } from '../../src/protocol/training';
import { exact, magnitude, percent } from '../shared/format';
import { PageElement } from '../shared/page-element';
import './curve-chart';
import { durationText } from './duration';

type Action = Extract<FromTrainingTab, { type: 'action' }>['action'];

/** Training while it runs: curves, figures, and the buttons that steer it. */
@customElement('edgewise-training')
export class TrainingPage extends PageElement {
  @state() private shown: TrainingState | null = null;
  private act: (action: Action) => void = () => undefined;
  private hadButton = false;

  /** To be called once, before the page is attached. */
  use(act: (action: Action) => void): void {
    this.act = act;
  }

  show(shown: TrainingState): void {
    this.shown = shown;
  }

  protected override render(): TemplateResult {
    const { shown } = this;
    if (shown === null) return html`<main><p class="notice" role="status">Connecting to the training</p></main>`;
    return html`<main>
      <header>
        <h1>${HEADLINES[shown.phase]} ${shown.model}</h1>
        <p>
          ${shown.method} ·
          <button class="link" @click=${() => this.act('open-recipe')}>${shown.recipe}</button>
        </p>
        ${this.renderLine(shown)} ${this.renderSpoken(shown)}
        <div class="actions">${buttonsOf(shown).map((button) => this.renderButton(button))}</div>
      </header>
      ${this.renderProgress(shown)} ${this.renderFigures(shown)} ${this.renderCurves(shown)}
    </main>`;
  }

  /** The last line in words. What changes ten times a second is not read out; how it ended is. */
  private renderLine({ phase, line }: TrainingState): TemplateResult {
    if (phase === 'failed' || phase === 'missed') return html`<p class="line ${phase}" role="alert">${line}</p>`;
    return html`<p class="line">${line}</p>`;
  }

  /** What buttons bring about, for who does not see it: always there, so that changes are read out. */
  private renderSpoken(shown: TrainingState): TemplateResult {
    return html`<p class="spoken" role="status">${spokenOf(shown)}</p>`;
  }

  /** A button that was pressed may be gone: the keys stay where the buttons are. */
  protected override willUpdate(): void {
    this.hadButton = this.querySelector('.actions :focus') !== null;
  }

  protected override updated(): void {
    if (this.hadButton && this.querySelector(':focus') === null)
      this.querySelector<HTMLElement>('.actions vscode-button')?.focus();
  }

  private renderButton({ action, words, isMain, title }: Button): TemplateResult {
    return html`<vscode-button
      appearance=${isMain ? 'primary' : 'secondary'}
      title=${title}
      aria-label=${`${words}: ${title}`}
      @click=${() => this.act(action)}
      >${words}</vscode-button
    >`;
  }

  private renderProgress({ step, steps, phase }: TrainingState): TemplateResult {
    const share = steps === null || steps === 0 ? 0 : Math.min(1, step / steps);
    const text = steps === null ? HEADLINES[phase] : `step ${exact(step)} of ${exact(steps)}`;
    return html`<progress max="1" .value=${share} aria-label="Steps of training" aria-valuetext=${text}>
      ${text}
    </progress>`;
  }

  private renderFigures(shown: TrainingState): TemplateResult {
    const { step, steps, epoch, epochs, samplesPerSecond, secondsLeft, best, figure, phase } = shown;
    // What is still to come says so; what will not come any more is left out.
    const none = IS_LIVE[phase] ? 'not yet known' : null;
    const facts: [string, string | null][] = [
      ['Step', steps === null ? exact(step) : `${exact(step)} of ${exact(steps)}`],
      ['Epoch', `${epoch.toFixed(2)} of ${exact(epochs)}`],
      ['Samples a second', samplesPerSecond === null || samplesPerSecond === 0 ? none : exact(round(samplesPerSecond))],
      ['Time left', secondsLeft === null || !IS_LIVE[phase] ? none : durationText(secondsLeft)],
      ['Best so far', best === null ? none : `${valueText(figure, best.value)}, step ${exact(best.step)}`],
    ];
    return html`<dl class="facts">
      ${facts.map(([name, value]) =>
        value === null
          ? nothing
          : html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
      )}
    </dl>`;
  }

  private renderCurves({ curves, steps, best, figure, original }: TrainingState): TemplateResult {
    const name = figure === null ? 'Figure' : figure.name.charAt(0).toUpperCase() + figure.name.slice(1);
    const lower = figure?.lowerIsBetter ? ', lower is better' : '';
    return html`<section class="curves" aria-label="Curves over the steps">
      <edgewise-curve-chart .name=${'Loss'} .points=${curves.loss} .steps=${steps} .text=${magnitude} .log=${true}>
      </edgewise-curve-chart>
      <edgewise-curve-chart
        .name=${`${name} on samples kept for choosing${lower}`}
        .points=${curves.selection}
        .steps=${steps}
        .text=${(value: number) => valueText(figure, value)}
        .best=${best}
        .original=${original}
        .most=${isShareOf(figure) ? 1 : null}
        .dotted=${true}
      >
      </edgewise-curve-chart>
      <edgewise-curve-chart .name=${'Learning rate'} .points=${curves.rate} .steps=${steps} .text=${magnitude}>
      </edgewise-curve-chart>
    </section>`;
  }
}

const HEADLINES: Readonly<Record<TrainingPhase, string>> = {
  ...{ starting: 'Preparing', running: 'Training', paused: 'Paused:', stopping: 'Stopping:' },
  ...{ finished: 'Trained', missed: 'Trained', cancelled: 'Cancelled:' },
  ...{ failed: 'Training failed:', interrupted: 'Interrupted:' },
};

const IS_LIVE: Readonly<Record<TrainingPhase, boolean>> = {
  ...{ starting: true, running: true, paused: true, stopping: true },
  ...{ finished: false, missed: false, cancelled: false, failed: false, interrupted: false },
};

/** Steps are not read out one by one; what changes how it goes on is. */
function spokenOf({ phase, step, steps, line }: TrainingState): string {
  const place = steps === null ? '' : ` at step ${exact(step)} of ${exact(steps)}`;
  if (phase === 'running') return 'Training runs.';
  if (phase === 'paused') return `Training is paused${place}.`;
  return phase === 'failed' || phase === 'missed' ? '' : line;
}

interface Button {
  readonly action: Action;
  readonly words: string;
  readonly title: string;
  readonly isMain?: boolean;
}

const STOP: Button = {
  action: 'stop',
  words: 'Stop and Keep Best',
  title: 'Ends here and keeps the best weights so far',
};
const CANCEL: Button = { action: 'cancel', words: 'Cancel', title: 'Ends here; no file is written' };
const PAUSE: Button = { action: 'pause', words: 'Pause', title: 'Waits behind the step that runs', isMain: true };
const GO_ON: Button = { action: 'go-on', words: 'Go On', title: 'Trains on', isMain: true };
const RESUME: Button = { action: 'resume', words: 'Resume', title: 'Goes on from the last checkpoint', isMain: true };
const REPORT: Button = { action: 'open-report', words: 'Open Report', title: 'What came of it', isMain: true };
const AGAIN: Button = { action: 'resume', words: 'Run Again', title: 'Carries the recipe out once more' };

/** While steps run there is something to pause; before and after only to cancel. */
function buttonsOf({ phase, step, steps }: TrainingState): readonly Button[] {
  if (phase === 'running') return steps !== null && step >= steps ? [CANCEL] : [PAUSE, STOP, CANCEL];
  if (phase === 'paused') return [GO_ON, STOP, CANCEL];
  if (phase === 'finished') return [REPORT, AGAIN];
  if (phase === 'missed') return [AGAIN];
  return IS_LIVE[phase] ? [CANCEL] : [RESUME];
}

/** Shares of 0 to 1 are shown in percent. */
function valueText(figure: TrainingState['figure'], value: number): string {
  return isShareOf(figure) ? percent(value, 2) : magnitude(value);
}

const isShareOf = (figure: TrainingState['figure']): boolean => figure !== null && SHARES.has(figure.name);

const SHARES: ReadonlySet<string> = new Set(['accuracy', 'fidelity']);

/** Three digits are known of a speed. */
const round = (value: number): number => Number(value.toPrecision(3));
