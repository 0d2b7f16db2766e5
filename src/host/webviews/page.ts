import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type * as z from 'zod';
import { parseMessage } from '../../protocol/page-messages';
import type { Output } from '../diagnostics/output';

export type PageName = 'layers' | 'model' | 'report' | 'data' | 'training';

export interface PageOptions<From> {
  readonly name: PageName;
  readonly title: string;
  readonly extensionUri: vscode.Uri;
  readonly output: Output;
  /** What the page may say; anything else is logged and dropped. */
  readonly incoming: z.ZodType<From>;
  onMessage(message: From): void;
}

/** Fills a webview with one of our pages, and listens to it. The returned function posts to it. */
export function connectPage<To, From>(webview: vscode.Webview, options: PageOptions<From>): (message: To) => void {
  const assets = vscode.Uri.joinPath(options.extensionUri, 'out', 'webview');
  webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [assets] };
  webview.onDidReceiveMessage((message: unknown) => {
    const parsed = parseMessage(options.incoming, message);
    if (parsed === null) options.output.channel.warn(`The ${options.name} page sent a message that is not understood.`);
    else options.onMessage(parsed);
  });
  webview.html = pageHtml(webview, assets, options);
  return (message) => void webview.postMessage(message);
}

/** Nothing of a file is in here: pages get everything by message, as data. */
function pageHtml(
  webview: vscode.Webview,
  assets: vscode.Uri,
  { name, title }: { name: PageName; title: string },
): string {
  const nonce = randomBytes(16).toString('base64');
  const resource = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(assets, file)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${resource(`${name}.css`)}">
</head>
<body>
<script nonce="${nonce}" src="${resource(`${name}.js`)}"></script>
</body>
</html>`;
}
