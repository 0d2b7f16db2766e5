import path from 'node:path';
import type { CompressOutcome } from '../../protocol/engine';

/** How training ended, and what came of it. */
export function endLine({ outputPath, missed, report }: CompressOutcome): string {
  const trained = report.training;
  const ended =
    trained === undefined
      ? 'Finished.'
      : trained.ended === 'finished'
        ? `Finished after ${trained.steps.toLocaleString('en')} steps.`
        : trained.ended === 'early'
          ? `Ended early after ${trained.steps.toLocaleString('en')} steps: nothing better came.`
          : trained.ended === 'overflowed'
            ? `Ended after ${trained.steps.toLocaleString('en')} steps: the loss was no number any more.`
            : `Stopped after ${trained.steps.toLocaleString('en')} steps.`;
  return outputPath === null
    ? `${ended} ${missed ?? 'The target was missed'}, so no file was kept.`
    : `${ended} ${path.basename(outputPath)} has the best weights.`;
}

/** What Resume does. @param savedStep of the last checkpoint */
export function resumeHint(savedStep: number | null): string {
  return savedStep === null
    ? 'There is no checkpoint yet, so Resume begins from the start.'
    : `Resume goes on behind step ${savedStep.toLocaleString('en')}.`;
}
