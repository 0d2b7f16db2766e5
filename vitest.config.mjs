import { defineConfig } from 'vitest/config';

const project = (name, include, options = {}) => ({
  test: { name, include, testTimeout: 60_000, hookTimeout: 120_000, ...options },
});

export default defineConfig({
  test: {
    // Two workers: the suites share a small machine with ONNX Runtime's own threads.
    maxWorkers: 2,
    projects: [
      project('core', ['test/core/**/*.test.ts', 'test/engine/**/*.test.ts', 'test/structure/**/*.test.ts'], {
        pool: 'forks',
      }),
      project('cli', ['test/cli/**/*.test.ts'], { pool: 'forks' }),
      project('webview', ['test/webview/**/*.test.ts'], { pool: 'forks', fileParallelism: false }),
      project('workbench', ['test/workbench/**/*.test.ts'], {
        pool: 'forks',
        fileParallelism: false,
        testTimeout: 240_000,
        hookTimeout: 600_000,
      }),
      project('package', ['test/package/**/*.test.ts'], {
        pool: 'forks',
        fileParallelism: false,
        testTimeout: 600_000,
        hookTimeout: 600_000,
      }),
    ],
  },
});
