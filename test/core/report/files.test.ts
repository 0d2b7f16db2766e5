import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/core/evaluation/report.schema';
import { otherModels } from '../../../src/core/evaluation/report/others';
import { parseReport, readReport } from '../../../src/core/evaluation/report/read';
import { reportText } from '../../../src/core/evaluation/report/text';
import { exampleReport } from './report-example';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'edgewise reports é-'));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (name: string, content: string): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
};

describe('a report file', () => {
  it('is read as it was written', async () => {
    const file = await written('good.edgewise.json', JSON.stringify(exampleReport()));
    expect(await readReport(file)).toEqual(exampleReport());
  });

  it('of the first release still opens, with what it held', async () => {
    const file = path.resolve(__dirname, '../../fixtures/reports/first-release.edgewise.json');
    const report = await readReport(file);
    expect(report).toEqual(JSON.parse(await readFile(file, 'utf8')));
    expect(report.after.entropyBytes).toBeUndefined();
    expect(reportText(report)).toMatch(/accuracy +99\.20 % +99\.20 %/);
  });

  const refused: [what: string, content: string, sentence: RegExp][] = [
    ['an empty file', '', /"x\.edgewise\.json" is empty/],
    ['half a report', '{"kind": "edgewise.rep', /"x\.edgewise\.json" is not JSON/],
    ['a file of another tool', '{"name": "x"}', /is not a report of Edgewise/],
    ['a list', '[]', /is not a report of Edgewise/],
    ['a newer version', '{"kind": "edgewise.report", "version": 99}', /newer Edgewise \(report version 99/],
    [
      'a damaged report',
      JSON.stringify({ ...exampleReport(), layers: [{ name: 5 }] }),
      /damaged report: layers\.0\.name is not as it must be/,
    ],
  ];
  it.each(refused)('%s is refused with a sentence', (_what, content, sentence) => {
    expect(() => parseReport(content, '/somewhere/x.edgewise.json')).toThrow(sentence);
  });

  it('that is missing or a folder is told so', async () => {
    await expect(readReport(path.join(folder, 'none.edgewise.json'))).rejects.toThrow(/There is no file "none/);
    await expect(readReport(folder)).rejects.toThrow(/is a folder/);
  });
});

describe('other models of the same source', () => {
  const test = { role: 'test' as const, source: 'digits.npz', samples: 2000, selection: 'all' };
  const { before } = exampleReport();
  const facts = { sourceHash: 'a'.repeat(64), before, data: [test] };

  it('are found by the hash of the source, and broken files do not matter', async () => {
    const own = path.join(folder, 'own.edgewise.json');
    await written('own.edgewise.json', JSON.stringify(exampleReport()));
    await written('half.edgewise.json', JSON.stringify(exampleReport({ output: 'digits.float16.onnx', data: [test] })));
    await written(
      'stranger.edgewise.json',
      JSON.stringify(exampleReport({ hashes: { source: 'c'.repeat(64), output: null } })),
    );
    await written('broken.edgewise.json', '{');
    await rm(path.join(folder, 'good.edgewise.json'), { force: true });
    const others = await otherModels(folder, facts, own);
    expect(others).toEqual([{ name: 'digits.float16.onnx', value: 0.979, parameters: 175_000, bytes: 200_000 }]);
  });

  it('have no accuracy beside this one where it was measured on other samples', async () => {
    const own = path.join(folder, 'own.edgewise.json');
    const beside = async (change: Partial<Report>): Promise<number | null | undefined> => {
      await written('half.edgewise.json', JSON.stringify(exampleReport({ data: [test], ...change })));
      return (await otherModels(folder, facts, own)).find(({ bytes }) => bytes === 200_000)?.value;
    };
    expect(await beside({})).toBe(0.979);
    expect(await beside({ data: [{ ...test, source: 'other.npz' }] })).toBeNull();
    expect(await beside({ data: [{ ...test, selection: '2,000 of 9,000, seed 4' }] })).toBeNull();
    expect(await beside({ data: [] })).toBeNull();
    // The same name, and other samples in it since.
    expect(await beside({ before: { ...before, value: 0.5 } })).toBeNull();
  });
});
