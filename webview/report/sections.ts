import { html, nothing, type TemplateResult } from 'lit';
import './activation-ranges';
import './bubble-chart';
import './distributions';
import { judgedName } from './judged';
import './layer-damage';
import { modelsOf } from './models';
import './pareto-chart';
import type { Report } from './report-types';

/** What accuracy costs in bytes; in parameters, too, where models differ in them or one taught another. */
export function charts(report: Report): TemplateResult {
  const name = judgedName(report.after);
  const models = modelsOf(report);
  const isTaught = models.some(({ kind }) => kind === 'teacher');
  const parameters = new Set(models.map((model) => model.parameters));
  return html`<section>
      <h2>${name} against size</h2>
      <edgewise-pareto-chart .report=${report}></edgewise-pareto-chart>
    </section>
    ${
      parameters.size > 1 || isTaught
        ? html`<section>
            <h2>${name} against parameters</h2>
            <edgewise-bubble-chart .report=${report}></edgewise-bubble-chart>
          </section>`
        : nothing
    }`;
}

/** What became of weights and activations, layer by layer. */
export function layerSections(report: Report, moved: () => void): TemplateResult {
  const { layers, activations = [], distributions = [] } = report;
  return html`${
    layers.length > 0
      ? html`<section>
          <h2>Layers, the most changed first</h2>
          <edgewise-layer-damage .layers=${layers} @arranged=${moved}></edgewise-layer-damage>
        </section>`
      : nothing
  }
  ${
    distributions.length > 0
      ? html`<section>
          <h2>Weights before and after</h2>
          <edgewise-distributions .distributions=${distributions}></edgewise-distributions>
        </section>`
      : nothing
  }
  ${
    activations.length > 0
      ? html`<section>
          <h2>Ranges of activations</h2>
          <edgewise-activation-ranges .ranges=${activations}></edgewise-activation-ranges>
        </section>`
      : nothing
  }`;
}
