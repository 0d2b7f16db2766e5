import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/evaluation/report.schema';
import { reportHtml } from '../../src/core/evaluation/report/html';
import { browserFor } from '../browser';
import { sampleReport } from './report-samples';
import { reportViews } from './report-view';

const browser = browserFor('An exported report in a browser');
const bundle = (name: string): string => path.resolve(__dirname, '../../out/webview', name);

describe.skipIf(browser === null)('report as a file', () => {
  const reports = reportViews(browser);

  describe('exported as HTML', () => {
    const exported = (report: Report): string =>
      reportHtml(report, {
        script: readFileSync(bundle('report.js'), 'utf8'),
        style: existsSync(bundle('report.css')) ? readFileSync(bundle('report.css'), 'utf8') : '',
      });

    it('shows the same report without an editor, and no button that needs one', async () => {
      await reports.openFile(exported(sampleReport()));
      expect(await reports.view.page.locator('h1').textContent()).toBe(sampleReport().verdict);
      expect(await reports.view.page.getByRole('button', { name: /^(Open|Export)/ }).count()).toBe(0);
      await reports.view.page.getByRole('button', { name: 'Copy as Command' }).click();
      expect(await reports.view.page.evaluate(() => navigator.clipboard.readText())).toBe(sampleReport().command);
      expect(await reports.view.page.getByRole('status').textContent()).toBe('Copied');
    });

    it.each(['light', 'dark'] as const)('is legible where the reader prefers %s', async (colorScheme) => {
      await reports.openFile(exported(sampleReport()), { colorScheme });
      expect(await reports.view.accessibilityProblems()).toEqual([]);
    });

    it('holds text that looks like markup as text', async () => {
      await reports.openFile(exported(sampleReport({ verdict: '</script><script>document.title="hacked"</script>' })));
      expect(await reports.view.page.locator('h1').textContent()).toContain('</script>');
      expect(await reports.view.page.title()).not.toBe('hacked');
    });

    it('says so when it does not hold a report of this version', async () => {
      await reports.openFile(exported({ ...sampleReport(), version: 2 as 1 }));
      expect(await reports.view.page.getByRole('alert').innerText()).toContain('Export it again.');
    });
  });
});
