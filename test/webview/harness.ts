/**
 * A page's bundle in a real browser, under the content security policy of production, with a host of the test's own:
 * what VS Code's side of `acquireVsCodeApi` would be. Console errors and policy violations are collected, and
 * `close()` fails on any.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { BROWSER_FLAGS } from '../browser';
import { accessibilityProblems } from './axe';
import { THEMES, type ThemeName } from './themes';

const bundles = path.resolve(__dirname, '../../out/webview');
const NONCE = 'c2VjcmV0';
/** As the host writes it: its own files, the page's script by nonce, pictures as data; no inline style. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  `script-src 'nonce-${NONCE}'`,
].join('; ');

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

export type PageName = 'layers' | 'model' | 'report' | 'data' | 'training';

export interface OpenOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** What `getState` gives at first. */
  state?: unknown;
}

declare global {
  interface Window {
    /** Everything that the page posted, in order. */
    posted: unknown[];
    savedState: unknown;
    acquireVsCodeApi: () => {
      postMessage(message: unknown): void;
      getState(): unknown;
      setState(state: unknown): void;
    };
  }
}

export class Harness {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly address: string,
    private readonly html: Map<string, string>,
  ) {}

  static async start(executablePath: string): Promise<Harness> {
    if (!existsSync(path.join(bundles, 'layers.js'))) throw new Error('No bundles: run "npm run build" first.');
    const html = new Map<string, string>();
    const server = createServer((request, response) => serve(request.url ?? '/', response, html));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
    const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
    return new Harness(browser, server, `http://127.0.0.1:${address.port}`, html);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** A page as VS Code would show it, before any message. */
  async open(name: PageName, options: OpenOptions = {}): Promise<Webview> {
    const view = await this.view(options);
    await view.page.addInitScript(fakeHost, options.state ?? null);
    await view.page.addInitScript(setTheme, THEMES[options.theme ?? 'dark']);
    await view.page.goto(`${this.address}/page/${name}`);
    return view;
  }

  /** A whole HTML file, which brings its own policy, as a browser would show it. */
  async openFile(html: string, options: OpenOptions & { colorScheme?: 'light' | 'dark' } = {}): Promise<Webview> {
    const view = await this.view(options);
    await view.page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' });
    this.html.set('/file', html);
    await view.page.goto(`${this.address}/file`);
    return view;
  }

  private async view({ width = 1000, height = 800 }: OpenOptions): Promise<Webview> {
    const context = await this.browser.newContext({ viewport: { width, height } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    return new Webview(await context.newPage());
  }
}

/** One open page. */
export class Webview {
  /** Console errors, uncaught errors and policy violations (which Chromium prints as console errors). */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** A message from the host, and the time to show it. */
  async send(message: unknown): Promise<void> {
    // As text: playwright's own way with objects takes seconds for 20,000 layers.
    await this.page.evaluate(async (text) => {
      window.postMessage(JSON.parse(text), '*');
      await new Promise((resolve) => setTimeout(resolve));
      for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    }, JSON.stringify(message));
  }

  /** Everything that the page posted to the host. */
  posted(): Promise<unknown[]> {
    return this.page.evaluate(() => window.posted);
  }

  savedState(): Promise<unknown> {
    return this.page.evaluate(() => window.savedState);
  }

  /** What axe finds, one line each; best practices included. */
  accessibilityProblems(): Promise<string[]> {
    return accessibilityProblems(this.page);
  }

  async picture(name: string): Promise<void> {
    const folder = path.resolve(__dirname, '../../.cache/screens');
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  /** Closes the page; fails when it complained. */
  async close(): Promise<void> {
    await this.page.context().close();
    if (this.complaints.length > 0) throw new Error(`The page complained:\n${this.complaints.join('\n')}`);
  }
}

function serve(url: string, response: ServerResponse, html: ReadonlyMap<string, string>): void {
  const page = /^\/page\/(\w+)$/.exec(url)?.[1];
  const file = path.join(bundles, path.basename(url.split('?')[0] ?? ''));
  if (page !== undefined) {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('content-type', 'text/html; charset=utf-8').end(pageHtml(page));
  } else if (html.has(url)) {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html.get(url));
  } else if (existsSync(file) && path.extname(file) in TYPES) {
    response.setHeader('content-type', TYPES[path.extname(file)] ?? '').end(readFileSync(file));
  } else {
    response.statusCode = url === '/favicon.ico' ? 204 : 404;
    response.end();
  }
}

const pageHtml = (name: string): string =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>` +
  `<link rel="stylesheet" href="/${name}.css"></head><body><script nonce="${NONCE}" src="/${name}.js"></script></body></html>`;

/** Runs in the page, before its script. */
function fakeHost(state: unknown): void {
  window.posted = [];
  window.savedState = state;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => window.savedState,
    setState: (saved) => {
      window.savedState = saved;
    },
  });
}

/** Runs in the page: variables on the root element and a class on the body, as VS Code sets them. */
function setTheme(theme: { bodyClass: string; variables: Record<string, string> }): void {
  const apply = (): void => {
    for (const [name, value] of Object.entries(theme.variables))
      document.documentElement.style.setProperty(name, value);
    document.body.className = theme.bodyClass;
  };
  // The body is there before the page's script, which is its last child, runs.
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    apply();
  }).observe(document, { childList: true, subtree: true });
}
