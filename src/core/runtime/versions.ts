import { VERSION } from '../version';
import { onnxRuntime } from './onnxruntime';

/** Exact versions of what produced a result, by name: for reports. */
export async function versions(): Promise<Record<string, string>> {
  const { env } = await onnxRuntime();
  return {
    edgewise: VERSION,
    'onnxruntime-node': env.versions.node ?? env.versions.common,
    node: process.versions.node,
  };
}
