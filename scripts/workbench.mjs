/** `npm run workbench`: a real VS Code in the browser, with the extension of this checkout loaded on `examples/`. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { ensureInstalled } from './install.mjs';
import { startServer, workbenchUrl } from './vscode-server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

await ensureInstalled();
const { makeDigits } = await import('./digits.mjs');
await makeDigits(path.join(root, 'examples/digits/data'));
const { ensureBuilt } = await import('./build-if-needed.mjs');
await ensureBuilt();

const server = await startServer({ port: Number(process.env.PORT ?? 0) });
const url = workbenchUrl(server, { folder: path.join(root, 'examples'), extension: root });
console.log(`VS Code with Edgewise on examples/:\n\n  ${url}\n\nOpen it in Chrome, Edge or Firefox. Ctrl+C ends it.`);
openInBrowser(url);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.stop().then(() => process.exit(0)));

function openInBrowser(address) {
  if (process.env.CI || !process.stdout.isTTY) return;
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
