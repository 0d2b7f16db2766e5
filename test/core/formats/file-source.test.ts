import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, it } from 'vitest';
import { openFile } from '../../../src/core/formats/file-source';
import { errorOf, isSentence, scratchFolder } from './scratch';

const scratch = scratchFolder();
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);

it('reads ranges, into a buffer of its own or one that is given', async () => {
  const source = await openFile(scratch.write('ranges', bytes));
  expect(source.size).toBe(1000);
  expect(new Uint8Array(await source.read(10, 5))).toEqual(bytes.slice(10, 15));
  const into = new Uint8Array(8);
  const answer = await source.read(990, 4, into);
  expect(answer).toEqual(bytes.slice(990, 994));
  expect(answer.buffer).toBe(into.buffer);
  expect(await source.read(1000, 0)).toHaveLength(0);
  await source.close();
});

it('refuses to read past the end', async () => {
  const source = await openFile(scratch.write('end', bytes));
  const error = await errorOf(source.read(999, 2));
  expect(error.kind).toBe('truncated');
  expect(error.message).toBe('"end" ends early: 1001 bytes are needed, it has 1000. Get the file again.');
  await source.close();
});

it.each([
  ['grows', (file: string) => appendFileSync(file, 'more')],
  ['shrinks', (file: string) => truncateSync(file, 10)],
  ['is written again with the same size', (file: string) => writeFileSync(file, new Uint8Array(1000))],
  ['gets another time', (file: string) => utimesSync(file, 1, 1)],
])('notices a file that %s while it is read', async (_, change) => {
  const file = scratch.write('changing', bytes);
  const source = await openFile(file);
  await source.read(0, 100);
  change(file);
  const error = await errorOf(source.read(500, 100));
  expect(error.kind).toBe('changed');
  expect(isSentence(error.message)).toBe(true);
  await source.close();
});

it('reads on when the name is taken by another file or disappears: the open file is still the same', async () => {
  const file = scratch.write('renamed', bytes);
  const source = await openFile(file);
  renameSync(scratch.write('other', 'other'), file);
  rmSync(file);
  expect(new Uint8Array(await source.read(0, 1000))).toEqual(bytes);
  await source.close();
});

it('has another identity when the content may be another', async () => {
  const file = scratch.write('identity', bytes);
  const first = await openFile(file);
  const second = await openFile(file);
  expect(second.identity).toBe(first.identity);
  renameSync(scratch.write('replacement', bytes), file);
  const third = await openFile(file);
  expect(third.identity).not.toBe(first.identity);
  for (const source of [first, second, third]) await source.close();
});

it('answers what cannot be opened with a sentence', async () => {
  mkdirSync(scratch.path('folder'));
  symlinkSync(scratch.path('loop'), scratch.path('loop'));
  const expected = [
    ['folder', 'not-a-file'],
    ['loop', 'not-found'],
    ['missing', 'not-found'],
    ['identity/inside a file', 'not-found'],
    ['x'.repeat(5000), 'not-found'],
  ];
  for (const [name = '', kind] of expected) {
    const error = await errorOf(openFile(scratch.path(name)));
    expect([name.slice(0, 9), error.kind, isSentence(error.message)]).toEqual([name.slice(0, 9), kind, true]);
  }
});

it.skipIf(process.platform === 'win32')('refuses devices, which have no size', async () => {
  const error = await errorOf(openFile('/dev/zero'));
  expect(error.kind).toBe('not-a-file');
});

it.skipIf(process.platform === 'win32')('refuses pipes without waiting for them', async () => {
  execFileSync('mkfifo', [scratch.path('pipe')]);
  expect((await errorOf(openFile(scratch.path('pipe')))).kind).toBe('not-a-file');
});
