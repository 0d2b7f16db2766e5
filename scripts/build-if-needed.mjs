/** Builds when what is in `out` is missing or older than a source. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'webview', 'package.json', 'scripts/build.mjs', 'scripts/build-kernels.mjs'];
/** The command line is the last thing that anyone waits for, and everything is built together. */
const RESULT = path.join(root, 'out/cli.js');

/** Quiet unless the build fails, which ends the process with its messages. */
export async function ensureBuilt() {
  if (existsSync(RESULT) && statSync(RESULT).mtimeMs >= newest(SOURCES.map((name) => path.join(root, name)))) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return;
  console.error(`The build failed.\n${stdout}${stderr}`);
  process.exit(1);
}

/** The latest modification below these paths; what the build itself writes into the sources does not count. */
function newest(paths) {
  let latest = 0;
  for (const one of paths) {
    if (!existsSync(one) || one.endsWith('.generated.ts')) continue;
    const facts = statSync(one);
    const inside = facts.isDirectory() ? newest(readdirSync(one).map((name) => path.join(one, name))) : facts.mtimeMs;
    latest = Math.max(latest, inside);
  }
  return latest;
}
