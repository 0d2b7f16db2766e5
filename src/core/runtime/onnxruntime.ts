import type * as Ort from 'onnxruntime-node';
import { EdgewiseError, messageOf } from '../errors';

/** The native module, loaded when the first session is opened: reading a model's structure never needs it. */
let loaded: Promise<typeof Ort> | undefined;

/** @throws EdgewiseError `runtime` where the native library is missing or does not fit this system. */
export function onnxRuntime(): Promise<typeof Ort> {
  // The native library reports usage to its makers unless this is set before it loads. Edgewise sends nothing, ever.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  loaded ??= import('onnxruntime-node').catch((cause: unknown) => {
    loaded = undefined;
    throw new EdgewiseError(
      'runtime',
      `ONNX Runtime does not load on ${process.platform}-${process.arch}: ${firstSentence(messageOf(cause))} Install Edgewise again for this platform.`,
      { cause },
    );
  });
  return loaded;
}

/** ONNX Runtime's message as one sentence: status codes, source paths and line breaks removed, a full stop at the end. */
export function firstSentence(message: string): string {
  const text = message
    .replace(/\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /g, '')
    .replace(/^(?:Load model .*? failed[:.]\s*)+/, '')
    .replace(/^This is an invalid model\. Error: /, '')
    .replace(SOURCE_PLACE, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const shown = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE).trimEnd()}…` : text;
  return /[.…]$/.test(shown) ? shown : `${shown}.`;
}

/** "/onnxruntime_src/…/rnn.h:48 onnxruntime::RNN<T>::RNN(const onnxruntime::OpKernelInfo&) [with T = float] " */
const SOURCE_PLACE =
  /(?:^|\s)\/\S+\.(?:cc|cpp|h):\d+\s+[^()]*\([^()]*\)(?:\s*const)?(?:::<lambda\([^()]*\)>)?(?:\s*\[with [^\]]*\])?\s*/g;

/** Beyond this, ONNX Runtime's messages list types and nodes that no user reads. */
const LONGEST_MESSAGE = 300;
