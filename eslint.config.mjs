import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

/** Import rules of docs/architecture.md: zone by zone, what may not be reached. */
const zone = (files, patterns, extra = {}) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns, ...extra }],
  },
});
const deny = (regex, message, allowTypeImports = false) => ({ regex, message, allowTypeImports });

const NO_VSCODE = deny('^vscode$', 'Only src/host and src/extension.ts may import vscode.');
const OUTSIDE_CORE = deny('^(\\.\\./)+(host|engine|cli|protocol)(/|$)', 'core imports nothing of ours outside core.');
const BESIDE = 'engine and cli import core and protocol, not each other and not host.';
/** Built-in modules, with their prefix and without. */
const NO_NODE = deny(`^(node:|(${builtinModules.join('|')})$)`, 'Pages have no Node.');
const WEBVIEW = deny('(^|/)webview/', 'Only webview/ imports webview/.');

export default tseslint.config(
  {
    ignores: [
      'out/**',
      'node_modules/**',
      '.cache/**',
      'src/core/kernels/assembly/**',
      '**/*.generated.ts',
      'test/fixtures/**',
      'examples/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
    },
  },
  zone(['src/core/**/*.ts'], [NO_VSCODE, OUTSIDE_CORE, WEBVIEW]),
  zone(
    ['src/core/**/*.schema.ts'],
    [deny('^(?!zod$|.*\\.schema$)', 'A schema file imports zod and other schema files only.')],
  ),
  zone(
    ['src/protocol/**/*.ts'],
    [
      NO_VSCODE,
      WEBVIEW,
      deny('^\\.\\./(host|engine|cli)(/|$)', 'protocol imports schemas and types of core only.'),
      deny('^\\.\\./core/(?!.*\\.schema$)', 'protocol imports schemas of core, and types.', true),
      NO_NODE,
    ],
  ),
  zone(['src/engine/**/*.ts'], [NO_VSCODE, WEBVIEW, deny('^\\.\\./(\\.\\./)*(host|cli)(/|$)', BESIDE)]),
  zone(['src/cli/**/*.ts'], [NO_VSCODE, WEBVIEW, deny('^\\.\\./(\\.\\./)*(host|engine)(/|$)', BESIDE)]),
  zone(
    ['src/host/**/*.ts', 'src/extension.ts'],
    [
      WEBVIEW,
      deny('^onnxruntime', 'ONNX Runtime lives in the engine process.'),
      deny('^(\\./|(\\.\\./)+)(engine|cli)/(?!engine-)', 'host talks to the engine through protocol.', true),
      deny(
        '/core/(compression|evaluation|recipe|runtime|kernels)(/|$)',
        "host parses structure only; the rest is the engine's.",
        true,
      ),
      deny('/core/analysis/statistics(/|$)', "Statistics are the engine's.", true),
    ],
  ),
  zone(['webview/**/*.ts'], [NO_VSCODE, NO_NODE, deny('/src/(?!protocol/)', 'webview imports protocol only.')]),
  { files: ['src/cli/**/*.ts', 'scripts/**/*.mjs', 'test/**/*.ts', 'test/**/*.mjs'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
      },
    },
  },
);
