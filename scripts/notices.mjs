/** Third-party notices: the licence of every package whose code ends up in a bundle, found by esbuild's own account. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The runtime's packages are shipped as they are, beside the bundles. */
const SHIPPED_WHOLE = ['onnxruntime-node', 'onnxruntime-common'];

/**
 * @param {string} root the checkout
 * @param {import('esbuild').Metafile[]} metafiles of every shipped bundle
 */
export function thirdPartyNotices(root, metafiles) {
  const names = new Set([...SHIPPED_WHOLE, '@vscode/codicons', ...metafiles.flatMap(bundledPackages)]);
  const parts = [...names].sort().map((name) => notice(path.join(root, 'node_modules', name), name));
  return `Edgewise contains software of others, under these licences.\n\n${parts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

function bundledPackages(metafile) {
  return Object.keys(metafile.inputs).flatMap((file) => {
    const match = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
    return match ? [match[1]] : [];
  });
}

function notice(folder, name) {
  const facts = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  const licence = typeof facts.license === 'string' ? facts.license : 'see text';
  const text =
    file && existsSync(path.join(folder, file))
      ? readFileSync(path.join(folder, file), 'utf8').trim()
      : byIdentifier(licence, facts);
  return `${name} ${facts.version} (${licence})\n\n${text}\n`;
}

/** Some packages name their licence without carrying its text. */
function byIdentifier(licence, facts) {
  if (licence !== 'MIT') throw new Error(`${facts.name} carries no licence text; add it to scripts/notices.mjs.`);
  const holder = typeof facts.author === 'string' ? facts.author : (facts.author?.name ?? 'its authors');
  return `${MIT.replace('HOLDER', holder)}`;
}

const MIT = `MIT License

Copyright (c) HOLDER

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
