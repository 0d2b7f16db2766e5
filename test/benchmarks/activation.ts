import { execFileSync } from 'node:child_process';
import path from 'node:path';

const RUNS = 9;
const checkout = path.resolve(__dirname, '../..');

/** Loads the bundle with an editor's API that accepts everything, and times load and activation in a fresh process. */
const CHILD = `
  const Module = require('node:module');
  const anything = new Proxy(function () {}, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => '' : name === 'then' ? undefined : anything),
    apply: () => anything,
    construct: () => anything,
  });
  const parts = ['window', 'workspace', 'commands', 'languages', 'extensions', 'env', 'Uri', 'RelativePattern', 'EventEmitter', 'ThemeIcon'];
  const vscode = Object.fromEntries(parts.map((name) => [name, anything]));
  const load = Module._load;
  Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));
  const subscriptions = [];
  const context = new Proxy({ subscriptions, extensionPath: ${JSON.stringify(checkout)} }, {
    get: (target, name) => (name in target ? target[name] : anything),
  });
  const before = performance.now();
  const extension = require(${JSON.stringify(path.join(checkout, 'out/extension.js'))});
  const loaded = performance.now();
  Promise.resolve(extension.activate(context)).then(() => {
    console.log(JSON.stringify({ load: loaded - before, activate: performance.now() - loaded }));
    process.exit(0);
  });
`;

/** Extension activation: loading the bundle and running activate(), against the limit of 50 ms. */
export default async function activation(report: (line: string) => void): Promise<void> {
  const runs = Array.from({ length: RUNS }, measureOnce).sort((a, b) => total(a) - total(b));
  const median = runs[Math.floor(RUNS / 2)];
  if (median === undefined) throw new Error('Nothing was measured.');
  report(
    `activation ${total(median).toFixed(1)} ms (load ${median.load.toFixed(1)}, activate ${median.activate.toFixed(1)}; ` +
      `median of ${RUNS} fresh processes), ${(total(median) / 50).toFixed(2)} of the limit of 50 ms`,
  );
}

interface Run {
  load: number;
  activate: number;
}

const total = (run: Run): number => run.load + run.activate;

function measureOnce(): Run {
  return JSON.parse(execFileSync(process.execPath, ['-e', CHILD], { encoding: 'utf8' })) as Run;
}
