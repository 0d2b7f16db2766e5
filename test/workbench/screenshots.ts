import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Editor, checkout, exampleWorkspace, type THEMES } from './editor';
import { compressFromExplorer } from './flows';
import { manyLayers } from './many-layers';

/** A view, photographed once it shows what it is for. */
type Shot = (editor: Editor, take: (name: string) => Promise<void>) => Promise<void>;

const SHOTS: Shot[] = [
  async (editor, take) => {
    await editor.showLayers();
    await editor.webview('text=Open Example');
    await take('empty');
  },
  async (editor, take) => {
    await editor.command('View: Show Explorer');
    await editor.openFile('digits.onnx');
    await editor.webview('text=Where the bytes are');
    await editor.showLayers();
    await (await editor.webview('[role="treegrid"]')).locator('svg').first().waitFor();
    await take('overview');
    const model = await editor.webview('text=Where the bytes are');
    await model.getByRole('tab', { name: 'Layers' }).click();
    await take('layers');
  },
  async (editor, take) => {
    await editor.command('View: Show Explorer');
    await editor.openFile('train.py');
    await editor.page.locator('.codelens-decoration').first().waitFor({ timeout: 60_000 });
    await take('lenses');
  },
  async (editor, take) => {
    await editor.contextMenu('digits.onnx', 'Compress');
    await editor.page.locator('.quick-input-list .monaco-list-row:visible').first().waitFor({ timeout: 60_000 });
    await take('quick-pick');
    await editor.page.keyboard.press('Escape');
    await compressFromExplorer(editor, 'digits.onnx', 'int8');
    await editor.page.mouse.move(700, 300);
    await take('report');
    for (const step of [1, 2]) {
      await editor.page.mouse.wheel(0, 800);
      await take(`report-${step + 1}`);
    }
  },
  async (editor, take) => {
    await editor.openFile('digits.onnx');
    await editor.webview('edgewise-model >> text=digits.onnx');
    await editor.command('Edgewise: Preview Data…');
    await editor.webview('edgewise-data .samples');
    await take('data');
  },
  async (editor, take) => {
    await editor.openFile('broken.onnx');
    await editor.webview('text=broken.onnx');
    await take('problem');
  },
  async (editor, take) => {
    await editor.openFile('many.onnx');
    await editor.webview('edgewise-model >> text=many.onnx');
    await editor.showLayers();
    await editor.webview('edgewise-layers >> text=many.onnx');
    await take('many-layers');
  },
];

/** Photographs every view in each theme, into `folder/THEME/NAME.png`. */
export async function takeScreenshots(folder: string, themes: (keyof typeof THEMES)[]): Promise<void> {
  for (const theme of themes) {
    const workspace = exampleWorkspace(theme);
    writeFileSync(path.join(workspace, 'broken.onnx'), '<!DOCTYPE html><title>404</title>');
    writeFileSync(path.join(workspace, 'many.onnx'), await manyLayers(200));
    mkdirSync(path.join(folder, theme), { recursive: true });
    const editor = await Editor.open({ folder: workspace, theme, width: 1400, height: 900 });
    const take = async (name: string): Promise<void> => {
      // Transitions and fonts: a picture has no event to wait for.
      await editor.page.waitForTimeout(1200);
      await editor.page.screenshot({ path: path.join(folder, theme, `${name}.png`) });
    };
    try {
      for (const shot of SHOTS) await shot(editor, take);
    } finally {
      await editor.close();
    }
    console.log(path.relative(checkout, path.join(folder, theme)));
  }
}
