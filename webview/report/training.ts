import { html, nothing, type TemplateResult } from 'lit';
import { exact, plural } from '../shared/format';
import type { Report } from './report-types';
import './training-curve';
import { figureText } from './training-curve';

export type Training = NonNullable<Report['training']>;

const ENDED: Readonly<Record<Training['ended'], string>> = {
  finished: 'to the end',
  early: 'ended early, as nothing got better',
  stopped: 'stopped by hand; the best was kept',
  overflowed: 'ended where the loss was no number any more; the best was kept',
};

/** How the model was trained: figures, then curves of what was made small, what chose, and the learning rate. */
export function training({ training: trained }: Report): TemplateResult | typeof nothing {
  if (trained === undefined) return nothing;
  const { curves, figure } = trained;
  return html`<section>
    <h2>Training</h2>
    <dl class="provenance">
      ${facts(trained).map(
        ([title, text]) =>
          html`<div>
            <dt>${title}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>
    ${
      figure !== null && curves.selection.length > 0
        ? html`<edgewise-training-curve
            .title=${choosingTitle(figure)}
            .points=${curves.selection}
            .best=${trained.bestStep}
            .original=${trained.original ?? null}
            .share=${isShare(trained)}
          ></edgewise-training-curve>`
        : nothing
    }
    <edgewise-training-curve .title=${'Loss'} .points=${curves.loss}></edgewise-training-curve>
    <edgewise-training-curve .title=${'Learning rate'} .points=${curves.rate}></edgewise-training-curve>
    ${forms(trained)}
  </section>`;
}

/** "Accuracy on the samples for choosing" */
function choosingTitle({ name, lowerIsBetter }: NonNullable<Training['figure']>): string {
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `${capital} on the samples for choosing${lowerIsBetter ? ', lower is better' : ''}`;
}

/** Values from 0 to 1 of which more is better are shown in percent. */
const isShare = ({ figure, curves }: Training): boolean =>
  figure?.lowerIsBetter === false && curves.selection.every(({ value }) => value >= 0 && value <= 1);

function facts(trained: Training): [string, string][] {
  const { epochs, steps, samplesPerSecond, trainingMs, seed, ended, samples } = trained;
  const length = epochs === 1 ? '1 epoch' : `${Number(epochs.toFixed(2))} epochs`;
  return [
    ['Length', `${length}, ${plural(steps, 'step')}, ${ENDED[ended]}`],
    ...(samples
      ? [
          [
            'Samples',
            `${exact(samples.learning)} learned from; ${exact(samples.choosing)} others chose the best weights`,
          ] satisfies [string, string],
        ]
      : []),
    ['Best weights', bestText(trained)],
    [
      'Speed',
      `${exact(Number(samplesPerSecond.toPrecision(3)))} samples a second, ${secondsText(trainingMs)} in all, without evaluations and pauses`,
    ],
    ['Seed', String(seed)],
  ];
}

function bestText(trained: Training): string {
  const { figure, bestStep, original } = trained;
  const step = `after step ${exact(bestStep)}`;
  if (figure === null) return `${step}, the last: nothing was judged`;
  const share = isShare(trained);
  const beside = original === undefined ? '' : `, the original ${figureText(original, share)}`;
  return `${step}: ${figure.name} ${figureText(figure.value, share)} on the samples for choosing${beside}`;
}

const secondsText = (ms: number): string =>
  ms < 100_000 ? `${(ms / 1000).toFixed(1)}\u00a0s` : `${Math.round(ms / 60_000)}\u00a0min`;

/** In which of several equal ways computations were written; a checkpoint keeps them, so that numbers stay. */
function forms({ forms: chosen = [] }: Training): TemplateResult | typeof nothing {
  if (chosen.length === 0) return nothing;
  return html`<details>
    <summary>How its computations were written, as was fastest here</summary>
    <table class="twin">
      <thead>
        <tr>
          <th scope="col">Computation</th>
          <th scope="col">Form</th>
          <th scope="col" class="number">Layers</th>
        </tr>
      </thead>
      <tbody>
        ${chosen.map(
          ({ computation, form, count }) =>
            html`<tr>
              <th scope="row">${computation}</th>
              <td>${form}</td>
              <td class="number">${exact(count)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
