import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Editor, canRun, checkout } from './editor';

interface SuiteResult {
  title: string;
  state: 'passed' | 'failed' | 'pending';
  error?: string;
}

const SUITE = path.join(checkout, 'out/test/extension/index.js');
const PATIENCE_MS = 300_000;

/** Runs the suite in the extension host of a real VS Code; each of its tests is one of ours. */
async function runInside(): Promise<SuiteResult[]> {
  const results = path.join(mkdtempSync(path.join(tmpdir(), 'edgewise-suite-')), 'results.json');
  const editor = await Editor.open({ tests: SUITE, env: { EDGEWISE_TEST_RESULTS: results } });
  try {
    const deadline = Date.now() + PATIENCE_MS;
    while (!existsSync(results)) {
      if (Date.now() > deadline)
        return [{ title: 'finishes', state: 'failed', error: `no results after ${PATIENCE_MS} ms` }];
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return JSON.parse(readFileSync(results, 'utf8')) as SuiteResult[];
  } finally {
    await editor.close();
  }
}

const possible = canRun('Extension suite inside VS Code');
const results = possible ? await runInside() : [];

describe.skipIf(!possible)('inside a real VS Code', () => {
  it('runs the suite', () => expect(results.length).toBeGreaterThan(0));
  for (const result of results) {
    it.skipIf(result.state === 'pending')(result.title, () => {
      expect(result.error ?? result.state).toBe('passed');
    });
  }
});
