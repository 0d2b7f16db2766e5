import { ESLint } from 'eslint';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../..');

/** Files that do not exist, and an import that each may not have. */
const VIOLATIONS: readonly (readonly [string, string])[] = [
  ['src/core/analysis/new.ts', 'vscode'],
  ['src/core/analysis/new.ts', '../../host/files'],
  ['src/core/new.ts', '../protocol/engine'],
  ['src/core/analysis/new.schema.ts', '../formats'],
  ['src/protocol/new.ts', '../core/formats'],
  ['src/protocol/new.ts', 'node:fs'],
  ['src/host/new.ts', 'onnxruntime-node'],
  ['src/host/new.ts', '../core/kernels'],
  ['src/host/new.ts', '../core/analysis/statistics'],
  ['src/host/new.ts', '../engine/server'],
  ['src/cli/new.ts', '../host/files'],
  ['src/cli/new.ts', '../engine/server'],
  ['src/engine/new.ts', '../cli/run'],
  ['webview/shared/new.ts', '../../src/core/formats'],
  ['webview/shared/new.ts', 'fs'],
];

const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/host/new.ts', '../core/formats'],
  ['src/host/new.ts', '../core/analysis/summary'],
  ['src/host/new.ts', '../core/analysis/statistics.schema'],
  ['src/engine/new.ts', '../core/recipe/run'],
  ['src/protocol/new.ts', '../core/analysis/summary.schema'],
  ['webview/shared/new.ts', '../../src/protocol/layers-view'],
];

describe('the rules of who may import whom', () => {
  let eslint: ESLint;
  beforeAll(() => {
    eslint = new ESLint({ cwd: root });
  });

  async function complaints(file: string, module: string): Promise<(string | null)[]> {
    const code = `import { thing } from '${module}';\nexport const other = thing;\n`;
    const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
    return result?.messages.map(({ ruleId }) => ruleId) ?? [];
  }

  it.each(VIOLATIONS)('%s may not import %s', async (file, module) =>
    expect(await complaints(file, module)).toEqual(['@typescript-eslint/no-restricted-imports']),
  );

  it.each(ALLOWED)('%s may import %s', async (file, module) => expect(await complaints(file, module)).toEqual([]));
});
