import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../..');
const git = (...args: string[]): string[] =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
const tracked = git('ls-files');
const packageJson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  dependencies: Record<string, string>;
};

describe('dependencies', () => {
  it('have exact versions', () => {
    const versions = Object.entries({ ...packageJson.dependencies, ...packageJson.devDependencies });
    expect(versions.filter(([, version]) => !/^(\d|npm:[a-z-]+@\d+\.\d+\.\d+$)/.test(version))).toEqual([]);
  });

  it('are locked without addresses', () => {
    expect(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
  });

  it('type the editor’s API at the oldest version that is supported', () => {
    expect(packageJson.engines.vscode).toBe('^1.100.0');
    expect(packageJson.devDependencies['@types/vscode']).toMatch(/^1\.100\./);
  });

  it('reach the archived webview toolkit through one module', () => {
    const importing = tracked.filter(
      (file) =>
        /^(src|webview)\/.*\.ts$/.test(file) &&
        /from '@vscode\/webview-ui-toolkit/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    expect(importing).toEqual(['webview/shared/controls.ts']);
  });

  it('reach ONNX Runtime through one folder', () => {
    const importing = tracked.filter(
      (file) =>
        /^(src|webview)\/.*\.ts$/.test(file) &&
        /from 'onnxruntime-node'/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    expect(importing.filter((file) => !file.startsWith('src/core/runtime/'))).toEqual([]);
  });
});

describe('source files', () => {
  const sources = tracked.filter((file) => /^(src|webview|test)\/.*\.ts$/.test(file));

  it('live in folders with a subject', () => {
    expect(tracked.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(file))).toEqual([]);
  });

  it('are short: few over 300 lines', () => {
    const lines = (file: string): number => readFileSync(path.join(root, file), 'utf8').split('\n').length;
    const long = sources.filter((file) => !file.startsWith('test/') && lines(file) > 300);
    expect(long.length).toBeLessThanOrEqual(Math.ceil(sources.length * 0.03));
  });

  it('have no hole in their types', () => {
    const holes = /\bas any\b|: any\b|@ts-(ignore|nocheck|expect-error)|eslint-disable|as unknown as/;
    const code = sources.filter((file) => file !== 'test/structure/repository.test.ts');
    expect(code.filter((file) => holes.test(readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
  });
});

describe('the package', () => {
  it('activates nothing before it is needed', () => {
    const { activationEvents = [] } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      activationEvents?: string[];
    };
    expect(activationEvents.filter((event) => event === '*' || event === 'onStartupFinished')).toEqual([]);
  });

  it('names its commands under one category, its settings under one prefix', () => {
    const { contributes } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      contributes: {
        commands: { command: string; category: string }[];
        configuration: { properties: Record<string, { description?: string; markdownDescription?: string }> };
      };
    };
    expect(contributes.commands.filter(({ category }) => category !== 'Edgewise')).toEqual([]);
    const settings = Object.entries(contributes.configuration.properties);
    expect(settings.filter(([name]) => !name.startsWith('edgewise.'))).toEqual([]);
    expect(settings.filter(([, facts]) => !(facts.description ?? facts.markdownDescription))).toEqual([]);
  });
});
