/**
 * `npm run package [-- --target linux-arm64]`: a VSIX for one platform, with ONNX Runtime pruned to that platform's
 * binaries. The npm package of the runtime carries the binaries of all platforms, so any of them can be built anywhere.
 */
import { createVSIX } from '@vscode/vsce';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { buildAll } from './build.mjs';
import { makeDigits } from './digits.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const binaries = 'node_modules/onnxruntime-node/bin/napi-v6';

/** The binaries each platform needs, by VS Code's name of it; the duplicates and GPU parts that come along are left out. */
const PLATFORMS = {
  'linux-x64': ['linux/x64/onnxruntime_binding.node', 'linux/x64/libonnxruntime.so.1'],
  'linux-arm64': ['linux/arm64/onnxruntime_binding.node', 'linux/arm64/libonnxruntime.so.1'],
  'darwin-arm64': ['darwin/arm64/onnxruntime_binding.node', 'darwin/arm64/libonnxruntime.1.dylib'],
  'win32-x64': ['win32/x64/onnxruntime_binding.node', 'win32/x64/onnxruntime.dll', 'win32/x64/DirectML.dll'],
  'win32-arm64': ['win32/arm64/onnxruntime_binding.node', 'win32/arm64/onnxruntime.dll', 'win32/arm64/DirectML.dll'],
};

const argument = process.argv.indexOf('--target');
const target = argument > 0 ? process.argv[argument + 1] : `${process.platform}-${process.arch}`;
const needed = PLATFORMS[target];
if (!needed) {
  console.error(`No binaries of ONNX Runtime for ${target}. There are: ${Object.keys(PLATFORMS).join(', ')}.`);
  process.exit(2);
}
const missing = needed.filter((file) => !existsSync(path.join(root, binaries, file)));
if (missing.length > 0) {
  console.error(`ONNX Runtime is not installed whole: ${missing.join(', ')} is missing. Run "npm ci" again.`);
  process.exit(1);
}

await makeDigits(path.join(root, 'examples/digits/data'));
await buildAll({ minify: true });

const ignoreFile = path.join(root, '.cache', `vscodeignore-${target}`);
mkdirSync(path.dirname(ignoreFile), { recursive: true });
const rules = [
  readFileSync(path.join(root, '.vscodeignore'), 'utf8').trim(),
  ...needed.map((file) => `!${binaries}/${file}`),
];
writeFileSync(ignoreFile, `${rules.join('\n')}\n`);

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const packagePath = path.join(root, `edgewise-${target}-${version}.vsix`);
await createVSIX({
  cwd: root,
  target,
  packagePath,
  ignoreFile,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
  skipLicense: false,
});
const size = readdirSync(root).includes(path.basename(packagePath)) ? readFileSync(packagePath).length : 0;
console.log(`${path.basename(packagePath)}: ${(size / 1e6).toFixed(1)} MB`);
