import { execFileSync } from 'node:child_process';
import { unzipSync } from 'fflate';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Editor, canRun, checkout } from '../workbench/editor';
import { compressFromExplorer } from '../workbench/flows';

const SIZE_LIMIT = 28_000_000;
const target = `${process.platform}-${process.arch}`;

/** Every file that may be in the package, as patterns; anything else is a mistake. */
const ALLOWED = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt)$/i,
  /^extension\/out\/(extension|engine|batches)\.js$/,
  /^extension\/out\/recipe\.schema\.json$/,
  /^extension\/out\/THIRD-PARTY-NOTICES\.txt$/,
  /^extension\/out\/webview\/(layers|model|report|data|training)\.(js|css)$/,
  /^extension\/out\/webview\/codicon\.ttf$/,
  /^extension\/media\/.+\.(svg|png|md)$/,
  /^extension\/examples\/digits\/(README\.md|train\.py|digits\.onnx|digits\.pt|edgewise\.yaml|two-bits\.yaml|data\/(train|calibration|test)\.npz)$/i,
  /^extension\/node_modules\/onnxruntime-(node|common)\/package\.json$/,
  /^extension\/node_modules\/onnxruntime-node\/bin\/napi-v6\/[\w/.]+$/,
  /^extension\/node_modules\/onnxruntime-node\/dist\/\w+\.js$/,
  /^extension\/node_modules\/onnxruntime-common\/dist\/cjs\/([\w-]+\.js|package\.json)$/,
];

let vsix: string;
let files: Record<string, Uint8Array>;

beforeAll(() => {
  for (const name of readdirSync(checkout).filter((file) => file.endsWith('.vsix'))) rmSync(path.join(checkout, name));
  execFileSync(process.execPath, ['scripts/package.mjs'], { cwd: checkout, stdio: 'pipe' });
  const made = readdirSync(checkout).filter((file) => file.endsWith('.vsix'));
  expect(made).toHaveLength(1);
  vsix = path.join(checkout, made[0] ?? '');
  files = unzipSync(new Uint8Array(readFileSync(vsix)));
});

describe('the package of this platform', () => {
  it('holds what is allowed and nothing else', () => {
    expect(Object.keys(files).filter((file) => !ALLOWED.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it('holds the bundles, the pages, the example with its digits, and the licence', () => {
    const names = Object.keys(files);
    for (const name of [
      'out/extension.js',
      'out/engine.js',
      'out/batches.js',
      'out/webview/layers.js',
      'out/webview/model.js',
      'out/webview/report.js',
      'out/webview/data.js',
      'out/webview/training.js',
      'out/recipe.schema.json',
      'examples/digits/digits.onnx',
      'examples/digits/data/test.npz',
      'LICENSE.txt',
    ]) {
      expect(names).toContain(`extension/${name}`);
    }
  });

  it('holds the runtime’s binaries of this platform only', () => {
    const binaries = Object.keys(files).filter((file) => file.includes('/bin/napi-v6/'));
    expect(binaries.length).toBeGreaterThanOrEqual(2);
    expect(binaries.filter((file) => !file.includes(`/bin/napi-v6/${process.platform}/${process.arch}/`))).toEqual([]);
  });

  it('names the licence of every package whose code it carries', () => {
    const notices = new TextDecoder().decode(files['extension/out/THIRD-PARTY-NOTICES.txt']);
    for (const name of [
      'onnxruntime-node',
      'protobufjs',
      'vscode-jsonrpc',
      'zod',
      'lit',
      '@lezer/python',
      'yaml',
      'fast-png',
    ]) {
      expect(notices).toContain(`${name} `);
    }
  });

  it.runIf(target === 'linux-x64')('is at most 28 MB', () => {
    expect(statSync(vsix).size).toBeLessThanOrEqual(SIZE_LIMIT);
  });
});

const possible = canRun('The packaged extension in a real VS Code');

describe.skipIf(!possible)('the package, installed into a real VS Code', () => {
  it('compresses the example from a right-click to a report', async () => {
    const editor = await Editor.open({ vsix });
    try {
      const report = await compressFromExplorer(editor, 'digits.onnx', 'int8');
      expect(report.output).toBe('digits.int8.onnx');
      expect(report.after.bytes).toBeLessThan(report.before.bytes / 2);
      expect(report.after.value).toBeGreaterThan(0.97);
    } finally {
      await editor.close();
    }
  });
});
