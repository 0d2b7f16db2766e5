/** Installs the packages of the lock file, from the package registry alone: no install scripts, no other downloads. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = path.join(root, 'package-lock.json');
/** npm writes it last: when it is there, the installation is complete. */
const installed = path.join(root, 'node_modules/.package-lock.json');

const ATTEMPTS = 3;
const PAUSE_MS = 5000;
/** A slow registry is no failure: npm gives up after five minutes by default, and asks twice. */
const PATIENCE = {
  npm_config_fetch_timeout: '900000',
  npm_config_fetch_retries: '5',
  ONNXRUNTIME_NODE_INSTALL: 'skip',
};

/** Installs when `node_modules` is missing, unfinished, or older than the lock file. Ends the process when it cannot. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  console.error('Installing packages (once) …');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (npmCi()) return;
    if (attempt < ATTEMPTS) {
      console.error(`The installation failed; trying again in ${PAUSE_MS / 1000} s.`);
      await wait(PAUSE_MS);
    }
  }
  console.error(
    'The packages could not be installed. Check the connection to the package registry, then run this again.',
  );
  process.exit(1);
}

function isInstalled() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
}

function npmCi() {
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...PATIENCE } };
  const { status } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...words], options)
    : spawnSync('npm', words, { ...options, shell: process.platform === 'win32' });
  return status === 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await ensureInstalled();
