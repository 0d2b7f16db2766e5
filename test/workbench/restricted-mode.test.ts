import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Editor, canRun } from './editor';

const possible = canRun('Restricted Mode of the real VS Code');

describe.skipIf(!possible)('in Restricted Mode', () => {
  it('models can be looked at, and nothing is run', async () => {
    const editor = await Editor.open({ theme: 'light', restricted: true });
    try {
      await editor.page.getByRole('button', { name: /No, I don.t trust/ }).click();
      await editor.openFile('digits.onnx');
      const page = await editor.webview('edgewise-model >> text=Where the bytes are');
      await editor.showLayers();
      const view = await editor.webview('edgewise-layers [role="treegrid"]');
      await view.locator('[role="row"]').filter({ hasText: 'conv4' }).locator('svg').first().waitFor();
      const before = readdirSync(editor.folder);
      await page.getByText('Compress…').click();
      const message = editor.notification('Restricted Mode');
      await message.waitFor();
      expect(await message.getByRole('button', { name: 'Manage Workspace Trust' }).count()).toBe(1);
      await message.locator('.codicon-notifications-clear').click();
      await page.getByText('Evaluate…').click();
      await editor.notification(/Evaluating runs .*Restricted Mode/).waitFor();
      expect(readdirSync(editor.folder)).toEqual(before);
    } finally {
      await editor.close();
    }
  });
});
