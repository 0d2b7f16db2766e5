import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.mjs';
import { installVsix, startServer, workbenchUrl } from '../../scripts/vscode-server.mjs';
import { commandLine, descendants } from './processes';

export const checkout = path.resolve(__dirname, '../..');

export const THEMES = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  contrast: 'Default High Contrast',
} as const;

export interface EditorOptions {
  /** Default: a copy of the bundled example, digits included. */
  folder?: string;
  theme?: keyof typeof THEMES;
  /** Install this package instead of loading the checkout. */
  vsix?: string;
  /** Ask about trust, as a user's editor does. */
  restricted?: boolean;
  /** The bundled suite that runs inside the extension host. */
  tests?: string;
  env?: Record<string, string>;
  width?: number;
  height?: number;
}

/** A real VS Code with the extension, in a browser, on a workspace of its own. */
export class Editor {
  private constructor(
    readonly page: Page,
    readonly folder: string,
    private readonly browser: Browser,
    private readonly server: { stop: () => Promise<void> },
  ) {}

  static async open(options: EditorOptions = {}): Promise<Editor> {
    const executablePath = findBrowser();
    if (executablePath === null) throw new Error('No browser');
    const folder = options.folder ?? exampleWorkspace(options.theme ?? 'dark');
    const server = await startServer({ trustEverything: options.restricted !== true, env: options.env ?? {} });
    if (options.vsix !== undefined) installVsix(server.dataDir, options.vsix);
    const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
    const page = await browser.newPage({ viewport: { width: options.width ?? 1400, height: options.height ?? 900 } });
    const url = workbenchUrl(server, {
      folder,
      ...(options.vsix === undefined ? { extension: checkout } : {}),
      ...(options.tests === undefined ? {} : { tests: options.tests }),
    });
    await page.goto(url);
    await started(page);
    return new Editor(page, folder, browser, server);
  }

  /** Runs a command by its title, as a user does in the palette. */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
    // Just after a start nobody listens to keys yet, and the palette lists only what was there when it opened.
    for (let attempt = 0; attempt < 20; attempt++) {
      await this.page.keyboard.press('F1');
      if (!(await shown(input))) continue;
      // What takes the focus meanwhile closes the palette again.
      const filled = await input.fill(`>${title}`, { timeout: 3000 }).then(
        () => true,
        () => false,
      );
      if (filled && (await shown(row))) break;
      await this.page.keyboard.press('Escape');
    }
    await row.click();
  }

  /** Opens a file from the explorer by a click on its name. */
  async openFile(name: string): Promise<void> {
    const row = this.explorerRow(name);
    await row.waitFor({ timeout: 60_000 });
    await row.dblclick();
  }

  /** Reloads the window as a user does: VS Code saves what it keeps, which a reload by the browser cuts short. */
  async reload(): Promise<void> {
    // VS Code's own worker for webviews, when left from before, sometimes makes new webviews wait for ever.
    await this.page.evaluate(async () => {
      for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
    });
    const reloaded = this.page.waitForEvent('load', { timeout: 120_000 });
    await this.command('Developer: Reload Window');
    await reloaded;
    await started(this.page);
  }

  /** Brings the Layers view to the front, where it may be already. */
  async showLayers(): Promise<void> {
    await this.command('Focus on Layers View');
  }

  /** The notification that says something like `text`. */
  notification(text: RegExp | string): Locator {
    return this.page.locator('.notifications-toasts .notification-toast').filter({ hasText: text });
  }

  /** Process ids of the engines that the extension runs. On Linux. */
  engines(): number[] {
    return descendants(process.pid).filter((pid) => commandLine(pid).includes(path.join(checkout, 'out/engine.js')));
  }

  explorerRow(name: string) {
    return this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Chooses from the explorer's context menu. */
  async contextMenu(fileName: string, item: string): Promise<void> {
    const row = this.explorerRow(fileName);
    await row.waitFor({ timeout: 60_000 });
    await row.click({ button: 'right' });
    const entry = this.page.locator('.monaco-menu .action-item').filter({ hasText: item }).first();
    await entry.waitFor();
    // A menu that has just opened takes a click for the end of the one that opened it.
    for (let attempt = 0; attempt < 5 && (await entry.isVisible()); attempt++) {
      await this.page.waitForTimeout(400);
      await entry.click({ timeout: 5000 }).catch(() => undefined);
      await entry.waitFor({ state: 'hidden', timeout: 1500 }).catch(() => undefined);
    }
  }

  /** The frame of a page of ours: the one in which `selector` appears. */
  async webview(selector: string, timeout = 60_000): Promise<Frame> {
    const deadline = Date.now() + timeout;
    while (Date.now() < deadline) {
      for (const frame of this.page.frames()) {
        const found = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (found > 0) return frame;
      }
      await this.page.waitForTimeout(200);
    }
    throw new Error(`No webview shows ${selector} after ${timeout} ms.`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    if (this.folder.startsWith(tmpdir())) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whether something appears soon. */
function shown(locator: Locator): Promise<boolean> {
  return locator.waitFor({ timeout: 3000 }).then(
    () => true,
    () => false,
  );
}

async function started(page: Page): Promise<void> {
  await page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: 120_000 });
  // Before it is there, files open in the text editor: the extension is registered a moment after the workbench.
  await page.waitForSelector('.activitybar a[aria-label^="Edgewise"]', { timeout: 120_000 });
}

/** A copy of `examples/` to work in, with a theme set the way a workspace sets one. */
export function exampleWorkspace(theme: keyof typeof THEMES): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-workspace-'));
  const source = path.join(checkout, 'examples/digits');
  const skip = /\.(int8|float16)[^/]*\.onnx$|\.edgewise\.(json|html)$/;
  cpSync(source, folder, { recursive: true, filter: (file) => !skip.test(file) });
  mkdirSync(path.join(folder, '.vscode'), { recursive: true });
  const settings = {
    'workbench.colorTheme': THEMES[theme],
    'workbench.startupEditor': 'none',
    'files.simpleDialog.enable': true,
  };
  writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(settings, null, 2));
  return folder;
}

/** Whether these tests can run here; says plainly why not. */
export function canRun(suite: string): boolean {
  const possible = findBrowser() !== null && existsSync(path.join(checkout, 'out/extension.js'));
  if (!possible)
    console.warn(`${suite}: not run, it needs a Chromium or Chrome and a build ("npm test" sees to both).`);
  return possible;
}
