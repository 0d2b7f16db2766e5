/**
 * A real VS Code without a download of its own: the server that the npm package code-server carries, of the oldest
 * version that the extension supports. It is installed once, from the package registry, into the user's cache.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

/** Carries VS Code 1.100.3, which `engines.vscode` names; newer ones need Node 22. */
const VERSION = '4.100.3';
const ATTEMPTS = 3;

const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'edgewise');
const home = path.join(cache, `code-server-${VERSION}`);
const vscode = path.join(home, 'node_modules/code-server/lib/vscode');
const main = path.join(vscode, 'out/server-main.js');

/** Installs it when it is not there yet. Half an installation never counts: it is made beside and renamed. */
export function ensureServer() {
  if (existsSync(main)) return main;
  mkdirSync(cache, { recursive: true });
  const staging = mkdtempSync(path.join(cache, 'installing-'));
  console.error(`Installing VS Code (code-server ${VERSION}) from the package registry, once …`);
  writeFileSync(path.join(staging, 'package.json'), '{ "private": true }');
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `code-server@${VERSION}`], staging);
  npm(
    ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
    path.join(staging, 'node_modules/code-server/lib/vscode'),
  );
  rmSync(home, { recursive: true, force: true });
  renameSync(staging, home);
  return main;
}

function npm(args, cwd) {
  for (let attempt = 1; ; attempt++) {
    try {
      execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw new Error(`npm ${args.join(' ')} failed: ${error.stderr ?? error.message}`);
    }
  }
}

/**
 * Starts a server on a free port, with data of its own.
 * @returns {Promise<{ origin: string, port: number, dataDir: string, log: () => string, stop: () => Promise<void> }>}
 */
export async function startServer({ port = 0, trustEverything = false, env = {} } = {}) {
  ensureServer();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'edgewise-vscode-'));
  mkdirSync(path.join(dataDir, 'data/logs'), { recursive: true });
  const args = [
    main,
    '--without-connection-token',
    '--accept-server-license-terms',
    '--telemetry-level=off',
    ...(trustEverything ? ['--disable-workspace-trust'] : []),
    ...['--server-data-dir', dataDir, '--host', '127.0.0.1', '--port', String(port)],
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // No gallery of extensions: nothing is asked of the network.
    env: { ...process.env, EXTENSIONS_GALLERY: '{}', ...env },
    detached: process.platform !== 'win32',
  });
  let log = '';
  const listening = new Promise((resolve, reject) => {
    const onData = (chunk) => {
      log += chunk;
      const match = /Extension host agent listening on (\d+)|Web UI available at http:\/\/[^:]+:(\d+)/.exec(log);
      if (match) resolve(Number(match[1] ?? match[2]));
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('exit', (code) => reject(new Error(`The VS Code server ended with ${code}:\n${log}`)));
  });
  const actual = await listening;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) {
      killGroup(child.pid);
      await ended;
    }
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { origin: `http://127.0.0.1:${actual}`, port: actual, dataDir, log: () => log, stop };
}

function killGroup(pid) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGTERM');
  } catch {
    // Already gone.
  }
}

/** Puts a packaged extension (a .vsix) into the server's extensions folder. */
export function installVsix(dataDir, vsix) {
  ensureServer();
  execFileSync(
    process.execPath,
    [main, '--accept-server-license-terms', '--server-data-dir', dataDir, '--install-extension', vsix],
    { stdio: 'pipe' },
  );
}

/**
 * The address that opens `folder`, with an extension under development and a test suite where they are given.
 * @param {{ origin: string, port: number }} server
 * @param {{ folder: string, extension?: string, tests?: string, open?: string }} what absolute paths
 */
export function workbenchUrl(server, { folder, extension, tests, open }) {
  const remote = (file) => `vscode-remote://127.0.0.1:${server.port}${encodeURI(file)}`;
  const payload = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (extension) payload.push(['extensionDevelopmentPath', remote(extension)]);
  if (tests) payload.push(['extensionTestsPath', remote(tests)]);
  if (open) payload.push(['openFile', remote(open)]);
  return `${server.origin}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
