/** Compiles the AssemblyScript kernels into a TypeScript module that carries the WebAssembly bytes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = path.join(root, 'src/core/kernels/assembly');
const target = path.join(root, 'src/core/kernels/wasm.generated.ts');

export async function buildKernels() {
  const entry = path.join(sources, 'index.ts');
  if (!existsSync(entry)) return;
  const newest = Math.max(...readdirSync(sources).map((name) => statSync(path.join(sources, name)).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs > newest) return;
  mkdirSync(path.join(root, 'out'), { recursive: true });
  const wasm = path.join(root, 'out', `kernels-${process.pid}.wasm`);
  const asc = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
  execFileSync(
    process.execPath,
    [
      asc,
      entry,
      '--outFile',
      wasm,
      '--optimizeLevel',
      '3',
      '--enable',
      'simd',
      '--runtime',
      'stub',
      '--importMemory',
      '--noAssert',
      // Vectors cross between the module's own files only, never into JavaScript.
      '--disableWarning',
      '112',
    ],
    { stdio: 'inherit', cwd: root },
  );
  const base64 = readFileSync(wasm).toString('base64');
  rmSync(wasm);
  // In one step: another build or a test may be reading it.
  const temporary = `${target}.${process.pid}`;
  writeFileSync(
    temporary,
    `/* Made by scripts/build-kernels.mjs from the sources in assembly/. */\nexport const WASM_BASE64 =\n  '${base64}';\n`,
  );
  renameSync(temporary, target);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
