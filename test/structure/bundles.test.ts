import { build, type Metafile } from 'esbuild';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../..');

/** The files of ours, and the packages, that end up in a bundle: what is really reached, whatever the import says. */
async function contents(entry: string, platform: 'node' | 'browser'): Promise<Set<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform,
    outdir: 'out/structure',
    format: platform === 'node' ? 'cjs' : 'iife',
    external: ['vscode', 'onnxruntime-node'],
    loader: { '.ttf': 'file' },
    logLevel: 'silent',
    ...(platform === 'browser' ? { tsconfig: 'webview/tsconfig.json' } : {}),
  });
  return new Set([...Object.keys(metafile.inputs), ...externals(metafile)]);
}

function externals(metafile: Metafile): string[] {
  return Object.values(metafile.inputs).flatMap((input) =>
    input.imports.filter((imported) => imported.external).map((imported) => imported.path),
  );
}

const matching = (files: Set<string>, pattern: RegExp): string[] => [...files].filter((file) => pattern.test(file));

describe('the extension’s bundle', () => {
  let files: Set<string>;
  beforeAll(async () => {
    files = await contents('src/extension.ts', 'node');
  });

  it('has the reader of structure', () => {
    expect(matching(files, /^src\/core\/formats\/onnx\//)).not.toEqual([]);
  });

  it('has neither ONNX Runtime nor kernels nor a pass', () => {
    // Encodings are data: the writer of a format knows how they lie in a file.
    const forbidden =
      /onnxruntime|^src\/core\/(kernels|runtime|training|recipe\/(?!.*\.schema)|compression\/(?!encodings\/|graph\/))/;
    expect(matching(files, forbidden)).toEqual([]);
  });

  it('has no statistics of weights and no evaluation beyond the schemas', () => {
    expect(matching(files, /^src\/core\/(analysis\/statistics|evaluation)\/(?!.*\.schema\.ts$)/)).toEqual([]);
  });

  it('has no code of the engine, the command line or the pages', () => {
    expect(matching(files, /^(src\/(engine|cli)|webview)\//)).toEqual([]);
  });
});

describe.each(['layers', 'model', 'report', 'data'])('the %s page’s bundle', (page) => {
  it('has pages, protocol and schemas only', async () => {
    const files = await contents(`webview/${page}/main.ts`, 'browser');
    const ours = [...files].filter((file) => !file.includes('node_modules/') && file !== '<runtime>');
    expect(ours.filter((file) => !/^(webview\/|src\/protocol\/|src\/core\/.*\.schema\.ts$)/.test(file))).toEqual([]);
    expect(matching(files, /^(node:|vscode$)/)).toEqual([]);
  });
});

describe.each(['engine', 'cli'])('the %s’s bundle', (entry) => {
  it('has no editor', async () => {
    const files = await contents(`src/${entry}/main.ts`, 'node');
    expect(matching(files, /^(vscode$|src\/host\/|webview\/)/)).toEqual([]);
  });
});

describe('the house', () => {
  it.each(['package.json', 'tsconfig.json', 'src', 'webview', 'media', 'test', '.vscodeignore'])('has %s', (name) => {
    expect(existsSync(path.join(root, name))).toBe(true);
  });
});
