/** `npm run -s edgewise -- …`: the command line of this checkout, installed and built first where that is needed. */
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureInstalled } = await import('./install.mjs');
await ensureInstalled();
const { ensureBuilt } = await import('./build-if-needed.mjs');
await ensureBuilt();

// npm runs scripts in the checkout's root; paths are meant from where the user is.
if (process.env.npm_lifecycle_event && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import('../out/cli.js');
