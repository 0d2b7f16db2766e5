import { html, nothing, type TemplateResult } from 'lit';
import { judgedText } from './judged';
import type { Measurement, MetricFigure, Report } from './report-types';

/** Every metric of the two models; nothing where the headline is the only one. */
export function metrics({ before, after }: Report): TemplateResult | typeof nothing {
  const names = [...new Set([...(before.metrics ?? []), ...(after.metrics ?? [])].map(({ name }) => name))];
  if (names.length === 0) return nothing;
  const figure = (one: Measurement, name: string): MetricFigure | undefined =>
    one.metrics?.find((metric) => metric.name === name);
  return html`<section>
    <h2>Metrics</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="number">Before</th>
          <th scope="col" class="number">After</th>
          <th scope="col" class="number optional">95 % interval after</th>
          <th scope="col" class="optional">Better is</th>
        </tr>
      </thead>
      <tbody>
        ${names.map((name) => {
          const [first, second] = [figure(before, name), figure(after, name)];
          return html`<tr>
            <th scope="row">${name}</th>
            <td class="number">${text(first)}</td>
            <td class="number">${text(second)}</td>
            <td class="number optional">${interval(second)}</td>
            <td class="optional">${(second ?? first)?.better ?? ''}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section>`;
}

const text = (figure: MetricFigure | undefined): string =>
  figure === undefined ? '' : judgedText({ headline: figure }, figure.value, 2);

function interval(figure: MetricFigure | undefined): string {
  if (!figure?.interval) return '';
  const [low, high] = figure.interval.map((value) => judgedText({ headline: figure }, value, 2));
  return `${low ?? ''} to ${high ?? ''}`;
}
