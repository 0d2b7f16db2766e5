import { EdgewiseError } from '../errors';
import { isKernelExports } from './exports';
import { Kernels } from './kernels';
import { WASM_BASE64 } from './wasm.generated';

export { Kernels } from './kernels';
export type { Region } from './arena';

const PAGE_BYTES = 65_536;

/**
 * Address space of one instance: a tensor that is kept while it is gone through twice (64 MiB), steps of a few, and
 * figures of every channel. Only pages that are touched take memory.
 */
const MEMORY_BYTES = 256 * 1024 * 1024;

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * A new instance with memory of its own; the module is compiled once a process.
 * @throws EdgewiseError `internal` where the engine has no WebAssembly SIMD.
 */
export async function loadKernels(): Promise<Kernels> {
  compiled ??= WebAssembly.compile(Buffer.from(WASM_BASE64, 'base64'));
  const pages = MEMORY_BYTES / PAGE_BYTES;
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = await WebAssembly.instantiate(await compiled, { env: { memory } });
    if (isKernelExports(exports)) return new Kernels(exports, memory.buffer);
  } catch (cause) {
    compiled = undefined;
    throw new EdgewiseError('internal', 'The WebAssembly kernels do not load here. Use Node 20 or later, 64-bit.', {
      cause,
    });
  }
  throw new EdgewiseError('internal', 'The WebAssembly kernels are of another build. Run "npm run build".');
}
