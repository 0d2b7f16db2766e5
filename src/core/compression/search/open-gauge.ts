import { scoresOutput } from '../../evaluation/class-scores';
import type { DataSet } from '../../evaluation/data';
import { openOriginal } from './attempt';
import { classGauge } from './class-gauge';
import type { Gauge } from './gauge';
import { outputGauge } from './output-gauge';
import type { SearchRequest } from './request';
import { evenly } from './samples';

/**
 * Runs the original on some of the selection samples, evenly apart: models are held against it.
 * @param unseen for telling whether the original was trained on the selection samples
 * @throws EdgewiseError `unsupported` where nothing tells how good outputs are, `runtime`, `bad-data`, `cancelled`
 */
export async function openGauge(request: SearchRequest, count: number, unseen: DataSet | null = null): Promise<Gauge> {
  const { selection } = request;
  const chosen = evenly(selection.length, count);
  const session = await openOriginal(request);
  try {
    const output = scoresOutput(session);
    // Targets without labels say that two values a sample are two values, not two classes.
    const areClasses = selection.targets === undefined || selection.labels !== null;
    return 'name' in output && areClasses
      ? await classGauge(session, output.name, chosen, request, unseen)
      : await outputGauge(session, chosen, request, unseen);
  } finally {
    await session.close();
  }
}
