import type { ToReportEditor } from '../../src/protocol/report-editor';

export type Report = Extract<ToReportEditor, { type: 'report' }>['report'];
export type Measurement = Report['before'];
export type ReportLayer = Report['layers'][number];
export type ActivationRange = NonNullable<Report['activations']>[number];
export type Distribution = NonNullable<Report['distributions']>[number];
export type MetricFigure = NonNullable<Measurement['metrics']>[number];
export type ClassResults = NonNullable<Measurement['classes']>;
export type ChangedSample = Report['changed']['shown'][number];

/** What the buttons of the report do; those that need an editor are null in a page outside of one. */
export interface ReportActions {
  copyCommand: () => void;
  copySuggestion: (index: number) => void;
  exportHtml: (() => void) | null;
  openSource: (() => void) | null;
  openOutput: (() => void) | null;
}
