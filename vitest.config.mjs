import { defineConfig } from 'vitest/config';

/** Projects run one after the other: the later ones start browsers and whole editors, and want the machine. */
const project = (groupOrder, name, include, options = {}) => ({
  test: {
    name,
    include,
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { groupOrder },
    ...options,
  },
});
const alone = { fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    // The suites share a small machine with ONNX Runtime's own threads.
    maxWorkers: 2,
    projects: [
      project(0, 'core', ['test/{core,engine,host,structure}/**/*.test.ts']),
      project(1, 'cli', ['test/cli/**/*.test.ts'], alone),
      project(2, 'webview', ['test/webview/**/*.test.ts'], alone),
      project(3, 'workbench', ['test/workbench/**/*.test.ts'], {
        ...alone,
        testTimeout: 240_000,
        hookTimeout: 600_000,
      }),
      project(4, 'package', ['test/package/**/*.test.ts'], { ...alone, testTimeout: 600_000, hookTimeout: 600_000 }),
    ],
  },
});
