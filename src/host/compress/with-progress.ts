import * as vscode from 'vscode';
import type { Progress } from '../../core/progress';
import { TimeLeft, progressText } from './progress-text';

/** Runs work under a notification with words, time left and a Cancel that reaches the engine. */
export function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, onProgress: (step: Progress) => void) => Promise<T>,
  also?: AbortSignal,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const stopping = new AbortController();
    token.onCancellationRequested(() => stopping.abort());
    also?.addEventListener('abort', () => stopping.abort(), { once: true });
    const time = new TimeLeft();
    let shown = 0;
    return work(stopping.signal, (step) => {
      const percent = step.total ? Math.min(100, (100 * step.done) / step.total) : 0;
      if (time.isNewStage(step)) shown = 0;
      progress.report({
        message: progressText(step, time.of(step, Date.now())),
        increment: Math.max(0, percent - shown),
      });
      shown = Math.max(shown, percent);
    });
  });
}
