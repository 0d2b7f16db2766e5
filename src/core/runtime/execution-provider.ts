import type * as Ort from 'onnxruntime-node';
import { messageOf } from '../errors';
import { firstSentence } from './onnxruntime';

/** The provider that is always there. */
export const PROCESSOR = 'cpu';

/** Where sessions compute, and who is told that it is not where was asked for. */
export interface ProviderChoice {
  /** As ONNX Runtime names it: cpu, cuda, dml, coreml, webgpu. Left out: cpu. */
  readonly provider?: string;
  readonly onFallback?: (sentence: string) => void;
}

/**
 * Opens a session where it was asked for, and on the processor where that is not to be had: the library that is installed
 * may lack the provider, and the machine what it needs. Operators that a provider lacks run on the processor, too.
 */
export async function withProvider<T>(
  ort: typeof Ort,
  { provider = PROCESSOR, onFallback }: ProviderChoice,
  open: (providers: string[]) => Promise<T>,
): Promise<T> {
  if (provider === PROCESSOR) return open([PROCESSOR]);
  const known = ort.listSupportedBackends().map(({ name }) => name);
  if (!known.includes(provider)) {
    const rest = known.filter((name) => name !== PROCESSOR).join(', ');
    onFallback?.(
      `The ONNX Runtime that is installed has no execution provider "${provider}" on ${process.platform}-${process.arch}, so the processor was used.${rest === '' ? '' : ` It knows ${rest}.`}`,
    );
    return open([PROCESSOR]);
  }
  let session: T;
  try {
    session = await open([provider, PROCESSOR]);
  } catch (error) {
    session = await open([PROCESSOR]);
    onFallback?.(
      `The execution provider "${provider}" did not start, so the processor was used: ${firstSentence(messageOf(error))}`,
    );
  }
  return session;
}
