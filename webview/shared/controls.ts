/**
 * The controls of the pages: VS Code's webview toolkit, which is archived upstream. Pages use the tags below and the
 * functions of this file only, so a successor has to change nothing else.
 *
 *   <vscode-button appearance="primary|secondary|icon">   <vscode-text-field>
 *   <vscode-panels activeid> <vscode-panel-tab id> <vscode-panel-view id>
 */
import { endFocusVisibleProbe } from './focus-visible';
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

endFocusVisibleProbe();
provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeTextField(),
);

/** The text in a field that sent an event. */
export function fieldText(event: Event): string {
  const field = event.currentTarget;
  return field instanceof HTMLElement && 'value' in field ? String(field.value) : '';
}

/** The id of the tab that a `change` event of panels made active; null where the event is another's. */
export function activeTab(event: Event): string | null {
  const panels = event.currentTarget;
  if (event.target !== panels || !(panels instanceof HTMLElement) || !('activeid' in panels)) return null;
  return typeof panels.activeid === 'string' ? panels.activeid : null;
}
