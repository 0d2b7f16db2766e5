import { html, nothing, type TemplateResult } from 'lit';
import { exact, plural } from '../shared/format';
import type { Report } from './report-types';
import './training-curve';
import { figureText } from './training-curve';

export type Training = NonNullable<Report['training']>;

const ENDED: Readonly<Record<Training['ended'], string>> = {
  finished: 'came to its end',
  early: 'ended early: nothing got better',
  stopped: 'was stopped; the best was kept',
};

/** How the model was trained: figures, then curves of what was made small, what chose, and the learning rate. */
export function training({ training: trained }: Report): TemplateResult | typeof nothing {
  if (trained === undefined) return nothing;
  const { curves, figure } = trained;
  return html`<section>
    <h2>Training</h2>
    <dl class="provenance">${facts(trained).map(([title, text]) => line(title, text))}</dl>
    <edgewise-training-curve .title=${'Loss'} .points=${curves.loss}></edgewise-training-curve>
    ${
      figure !== null && curves.selection.length > 0
        ? html`<edgewise-training-curve
            .title=${`${figure.name} on samples for choosing`}
            .points=${curves.selection}
            .best=${trained.bestStep}
            .share=${!figure.lowerIsBetter}
          ></edgewise-training-curve>`
        : nothing
    }
    <edgewise-training-curve .title=${'Learning rate'} .points=${curves.rate}></edgewise-training-curve>
  </section>`;
}

function facts({
  epochs,
  steps,
  bestStep,
  figure,
  samplesPerSecond,
  trainingMs,
  seed,
  ended,
}: Training): [string, string][] {
  const best = figure === null ? [] : [`${figure.name} ${figureText(figure.value, !figure.lowerIsBetter)}`];
  return [
    ['Length', `${Number(epochs.toFixed(2))} epochs, ${plural(steps, 'step')}; it ${ENDED[ended]}`],
    ['Best weights', [`after step ${exact(bestStep)}`, ...best].join(', ')],
    [
      'Speed',
      `${exact(Math.round(samplesPerSecond))} samples/s, ${(trainingMs / 1000).toFixed(1)} s in all, evaluations not counted`,
    ],
    ['Seed', String(seed)],
  ];
}

const line = (title: string, text: string): TemplateResult =>
  html`<div>
    <dt>${title}</dt>
    <dd>${text}</dd>
  </div>`;
