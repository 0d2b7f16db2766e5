import * as vscode from 'vscode';
import type { ChoiceItem, Picked } from './choice-items';

/** Shows the choices; a button on each copies the command line that does the same. Null when dismissed. */
export function pickChoice(
  title: string,
  items: readonly ChoiceItem[],
  copyAsCommand: (picked: Picked) => Promise<void>,
): Promise<Picked | null> {
  const pick = vscode.window.createQuickPick<ChoiceItem>();
  pick.title = title;
  pick.placeholder = 'What should it become?';
  pick.matchOnDetail = true;
  pick.items = items;
  pick.onDidTriggerItemButton(({ item }) => {
    if (item.means) void copyAsCommand(item.means);
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.means ?? null);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(null);
      pick.dispose();
    });
    pick.show();
  });
}
