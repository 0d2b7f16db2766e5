import '../shared/theme.css';
import '../shared/gallery.css';
import '../shared/sort.css';
import './report.css';
import './figures.css';
import { toReportEditor, type FromReportEditor, type ToReportEditor } from '../../src/protocol/report-editor';
import { parseMessage } from '../../src/protocol/page-messages';
import '../shared/controls';
import { connect } from '../shared/host';
import { pageStateSchema, type PageState } from './page-state';
import { ReportPage } from './report-page';

/** The element that holds the report in an exported HTML file; in an editor there is none, and it comes by message. */
const embedded = document.getElementById('report');
const page = new ReportPage();
if (embedded) showEmbedded(embedded.textContent ?? '');
else connectToEditor();
document.body.append(page);

function connectToEditor(): void {
  const host = connect<ToReportEditor, FromReportEditor, PageState | null>(toReportEditor, pageStateSchema);
  let left = host.restore();
  type Action = Extract<FromReportEditor, { type: 'action' }>['action'];
  const act = (action: Action) => (): void => host.post({ type: 'action', action });
  page.use(
    {
      copyCommand: act('copy-command'),
      copySuggestion: (index) => host.post({ type: 'copy-suggestion', index }),
      exportHtml: act('export-html'),
      openSource: act('open-source'),
      openOutput: act('open-output'),
    },
    act('open-as-text'),
  );
  host.receive((message) => {
    if (message.type === 'problem') {
      page.fail(message.message);
      return;
    }
    page.show(message.report, message.file);
    if (left) void page.restore(left);
    left = null;
  });
  page.watch(() => host.save(() => page.pageState));
  void page.updateComplete.then(() => host.post({ type: 'ready' }));
}

function showEmbedded(text: string): void {
  document.documentElement.classList.add('standalone');
  const message = parseMessage(toReportEditor, { type: 'report', file: '', report: parseJson(text) });
  if (message?.type !== 'report') {
    page.fail('This page does not hold a report that this version can show. Export it again.');
    return;
  }
  const { report } = message;
  page.use(
    {
      copyCommand: () => void copy(report.command),
      copySuggestion: (index) => void copy(report.next[index]?.command ?? ''),
      ...{ exportHtml: null, openSource: null, openOutput: null },
    },
    null,
  );
  page.show(report, report.output ?? report.source);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    page.say('Copied');
  } catch {
    page.say('The browser did not allow copying. Select the text instead.');
  }
}
