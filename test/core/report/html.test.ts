import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/core/evaluation/report/html';
import { exampleReport } from './report-example';

const assets = {
  script: 'const end = "</script><!--<script>"; document.title = end;\n//# sourceMappingURL=report.js.map\n',
  style: 'body { color: black } /* </style> */',
};
const html = reportHtml(exampleReport({ output: 'a&<b>.onnx' }), assets);

const contentOf = (pattern: RegExp): string => pattern.exec(html)?.[1] ?? '';

describe('a report as one HTML file', () => {
  it('refers to nothing outside', () => {
    expect(html).not.toMatch(/<[a-z][^<>]*\s(src|href)=|url\(|@import|https?:|sourceMappingURL/);
  });

  it('admits its own script and style by hash, and nothing else', () => {
    const policy = contentOf(/Content-Security-Policy" content="([^"]*)"/);
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:/);
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  it('ends no element early, whatever layer names and the script hold', () => {
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html.match(/<\/style/g)).toHaveLength(1);
    expect(html).not.toContain('<img');
    expect(html).toContain('<title>a&amp;&lt;b&gt;.onnx: Edgewise report</title>');
  });

  it('carries the report as it is', () => {
    const json = contentOf(/id="report">(.*?)<\/script>/s);
    expect(JSON.parse(json)).toEqual(exampleReport({ output: 'a&<b>.onnx' }));
  });
});
