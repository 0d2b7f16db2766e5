/** What this folder uses of WebAssembly: the compiler's own declarations come with the DOM, which the core must not see. */
declare namespace WebAssembly {
  class Module {
    private readonly compiled: never;
  }
  class Memory {
    constructor(size: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: { env: { memory: Memory } }): Promise<{ readonly exports: object }>;
}
