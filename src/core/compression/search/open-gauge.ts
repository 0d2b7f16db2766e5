import { EdgewiseError } from '../../errors';
import { scoresOutput } from '../../evaluation/class-scores';
import type { DataSet } from '../../evaluation/data';
import { bytesText } from '../../evaluation/report/figures';
import { encodeOnnx } from '../../formats/onnx/encode';
import { openSession } from '../../runtime/session';
import { classGauge } from './class-gauge';
import type { Gauge } from './gauge';
import { outputGauge } from './output-gauge';
import type { SearchRequest } from './request';
import { evenly } from './samples';

/** What Protocol Buffers allow a message, and a search holds each attempt as one. */
const MOST_BYTES = 2 ** 31 - 1;

/** @throws EdgewiseError `unsupported` for models that are too large to be searched */
export function refuseLarge({ file, bytes }: SearchRequest): void {
  if (bytes <= MOST_BYTES) return;
  throw new EdgewiseError(
    'unsupported',
    `"${file}" has ${bytesText(bytes)}, and a search tries models of at most 2 GiB. Say how weights are to be encoded, as with --to int8-weights or --to int4.`,
    { file },
  );
}

/**
 * Runs the original on some of the selection samples, evenly apart: models are held against it.
 * @param unseen for telling whether the original was trained on the selection samples
 * @throws EdgewiseError `unsupported` where nothing tells how good outputs are, `runtime`, `bad-data`, `cancelled`
 */
export async function openGauge(request: SearchRequest, count: number, unseen: DataSet | null = null): Promise<Gauge> {
  const { model, file, selection, job } = request;
  const chosen = evenly(selection.length, count);
  const session = await openSession(await encodeOnnx(model, job), { name: `"${file}"` });
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
