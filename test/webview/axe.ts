import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  interface Window {
    axe: { run(options: object): Promise<AxeResults> };
  }
}

/** Rules about whole documents, which a webview inside the editor is not. */
const NOT_FOR_WEBVIEWS = ['region', 'landmark-one-main', 'page-has-heading-one', 'bypass'];

/** What axe finds on the page, one line an element. Evaluated through the debugger: the page's policy stays as it is. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const results = await page.evaluate(
    (rules) =>
      window.axe.run({
        rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])),
      }),
    NOT_FOR_WEBVIEWS,
  );
  return results.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary ?? violation.help}`,
    ),
  );
}
