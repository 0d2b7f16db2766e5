import { html, nothing, type TemplateResult } from 'lit';
import type { Report, ReportActions } from './report-types';

/** What to try next, each with a command to copy where it is one. */
export const nextSteps = ({ next }: Report, actions: ReportActions): TemplateResult | typeof nothing =>
  next.length === 0
    ? nothing
    : html`<section>
        <h2>What to try next</h2>
        <ul class="next">
          ${next.map(
            (suggestion, index) =>
              html`<li>
                <h3>${suggestion.title}</h3>
                <p>${suggestion.reason}</p>
                ${
                  suggestion.command === null
                    ? nothing
                    : html`<div class="command">
                        <code>${suggestion.command}</code>
                        <vscode-button
                          appearance="secondary"
                          aria-label=${`Copy Command: ${suggestion.title}`}
                          @click=${() => actions.copySuggestion(index)}
                          >Copy Command</vscode-button
                        >
                      </div>`
                }
              </li>`,
          )}
        </ul>
      </section>`;
