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
    if (also?.aborted) stopping.abort();
    else also?.addEventListener('abort', () => stopping.abort(), { once: true });
    const time = new TimeLeft();
    // Stages have no common unit, so there is no bar over all of them: the words say how far it is.
    return work(stopping.signal, (step) => progress.report({ message: progressText(step, time.of(step, Date.now())) }));
  });
}
