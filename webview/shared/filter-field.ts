import { html, type TemplateResult } from 'lit';
import { fieldText } from './controls';

/** The field above a list of layers. Its label is its content: the toolkit names a field by that, and it is not seen. */
export const filterField = (
  value: string,
  onFilter: (filter: string) => void,
  onKey: (event: KeyboardEvent) => void,
): TemplateResult =>
  html`<vscode-text-field
    class="filter"
    placeholder="Filter by name or operator"
    .value=${value}
    @input=${(event: Event) => onFilter(fieldText(event))}
    @keydown=${onKey}
    >Filter layers by name or operator<span slot="start" class="codicon codicon-filter"></span
  ></vscode-text-field>`;
