import { createHash } from 'node:crypto';
import type { Report } from '../report.schema';

export interface ReportPageAssets {
  /** The report page's bundle: it finds its data in the element `report`. */
  script: string;
  style: string;
}

/**
 * One self-contained HTML file: data, script and style inline, nothing loaded from anywhere. The content security
 * policy admits exactly these two by their hashes, and pictures as data URLs.
 */
export function reportHtml(report: Report, assets: ReportPageAssets): string {
  const script = closingSafe(withoutMap(assets.script), 'script');
  const style = closingSafe(withoutMap(assets.style), 'style');
  const policy = [
    "default-src 'none'",
    `script-src '${hashSource(script)}'`,
    `style-src '${hashSource(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en" class="standalone">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(titleOf(report))}</title>
<style>${style}</style>
</head>
<body>
<script type="application/json" id="report">${jsonForScript(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function titleOf({ output, source }: Report): string {
  return `${(output ?? source).split('/').pop() ?? ''}: Edgewise report`;
}

/** JSON in which no text can end the element or open a comment: `<` never appears. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/**
 * A text that cannot end its element. `<\/script` means the same in strings, templates and expressions; so does
 * `\x3c`, which keeps `<!-- <script>` from opening a script within the script.
 */
function closingSafe(text: string, element: 'script' | 'style'): string {
  const closed = text.replace(new RegExp(`</(?=${element})`, 'gi'), '<\\/');
  return closed.includes('<!--') ? closed.replace(/<(?=script[\s/>])/gi, '\\x3c') : closed;
}

/** The comment that names a source map would make a browser look for one. */
function withoutMap(text: string): string {
  return text.replace(/^(\/\/|\/\*)# sourceMappingURL=.*$/gm, '');
}

function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
