import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Report } from '../../src/core/evaluation/report.schema';
import { Harness, type OpenOptions, type Webview } from './harness';
import { sampleReport } from './report-samples';

/** One report after the other in one browser, closed after each test. To be called in the suite that uses it. */
export function reportViews(browser: string | null): ReportViews {
  const views = new ReportViews();
  beforeAll(() => views.start(browser ?? ''));
  afterEach(() => views.view.close());
  afterAll(() => views.stop());
  return views;
}

export class ReportViews {
  private harness: Harness | null = null;
  private shown: Webview | null = null;

  /** The page that is shown. */
  get view(): Webview {
    if (this.shown === null) throw new Error('No report is open.');
    return this.shown;
  }

  async start(browser: string): Promise<void> {
    this.harness = await Harness.start(browser);
  }

  /** In the editor's page. */
  async open(report: Report = sampleReport(), options: OpenOptions = {}): Promise<void> {
    this.shown = await this.started().open('report', { width: 1000, height: 900, ...options });
    await this.shown.send({ type: 'report', file: 'resnet14.int8.edgewise.json', report });
  }

  /** As a file of HTML that somebody was sent. */
  async openFile(...file: Parameters<Harness['openFile']>): Promise<void> {
    this.shown = await this.started().openFile(...file);
  }

  async stop(): Promise<void> {
    await this.harness?.stop();
  }

  private started(): Harness {
    if (this.harness === null) throw new Error('The browser was not started.');
    return this.harness;
  }
}
