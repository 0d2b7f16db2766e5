import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import * as z from 'zod';
import { throwIfCancelled } from '../progress';
import { int8Probe } from '../runtime/int8-probe';
import { defaultThreads } from '../runtime/threads';
import type { Tensor } from '../runtime/tensor';

export interface PeakMemoryRequest {
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Default: physical cores. */
  readonly threads?: number | undefined;
  readonly signal: AbortSignal;
}

/** As `runtime/session` opens a model. */
const OPTIONS = {
  executionProviders: ['cpu'],
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
  graphOptimizationLevel: 'all',
} as const;

const answerSchema = z.object({ bytes: z.number().nonnegative() });

/**
 * What the child runs: it loads ONNX Runtime and opens a tiny model, which makes what the runtime keeps for itself.
 * Then it notes what is resident, opens the model, runs it once, and tells how far the system's high-water mark of its
 * resident memory (`ru_maxrss`, in KB) rose above that. Where the mark did not move, what is resident now tells it.
 */
const CHILD = `
let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (piece) => { text += piece; });
process.stdin.on('end', async () => {
  const { runtime, first, model, options, feeds } = JSON.parse(text);
  text = '';
  const { Tensor, InferenceSession } = require(runtime);
  const inputs = {};
  for (const { name, dtype, array, shape, data } of feeds) {
    inputs[name] = new Tensor(dtype, new globalThis[array](Uint8Array.from(Buffer.from(data, 'base64')).buffer), shape);
  }
  await (await InferenceSession.create(Uint8Array.from(Buffer.from(first, 'base64')), options)).release();
  const mark = () => process.resourceUsage().maxRSS * 1024;
  const [resident, before] = [process.memoryUsage.rss(), mark()];
  const session = await InferenceSession.create(model, options);
  await session.run(inputs);
  const after = mark();
  const peak = after > before ? after : process.memoryUsage.rss();
  process.stdout.write(JSON.stringify({ bytes: Math.max(0, peak - resident) }));
});
`;

/**
 * Memory that a model takes in a process of its own, from opening it to the end of one run, without what ONNX Runtime
 * takes by itself: a difference of two figures of the system, to some hundred KB. Null where the child could not do it.
 * @throws EdgewiseError `cancelled`
 */
export async function peakMemory(model: string, request: PeakMemoryRequest): Promise<number | null> {
  const { feeds, threads = defaultThreads(), signal } = request;
  const question = {
    runtime: createRequire(__filename).resolve('onnxruntime-node'),
    first: Buffer.from(int8Probe()).toString('base64'),
    model,
    options: { ...OPTIONS, intraOpNumThreads: threads },
    feeds: Object.entries(feeds).map(([name, { dtype, shape, data }]) => ({
      ...{ name, dtype, shape, array: data.constructor.name },
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    })),
  };
  const text = await answerOf(JSON.stringify(question), signal);
  throwIfCancelled(signal);
  return bytesIn(text);
}

/** What the child wrote; "" where it could not be started. */
function answerOf(question: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    // Inside VS Code the executable is Electron, which is Node.js when it is asked to be.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', ORT_DISABLE_TELEMETRY: '1' };
    const child = spawn(process.execPath, ['-e', CHILD], { env, signal, stdio: ['pipe', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.on('error', () => resolve(''));
    child.on('close', () => resolve(text));
    // A child that is gone does not read; its end is told by 'close'.
    child.stdin.on('error', () => undefined);
    child.stdin.end(question);
  });
}

function bytesIn(text: string): number | null {
  try {
    return answerSchema.parse(JSON.parse(text)).bytes;
  } catch {
    return null;
  }
}
