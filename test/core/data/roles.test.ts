import { symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { divideForTraining, openRoles, type DataSet, type Roles } from '../../../src/core/evaluation/data';
import type { DataSection } from '../../../src/core/recipe/recipe.schema';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { npz, pattern } from './files';

const input = { name: 'image', dtype: 'float32', shape: ['batch', 1, 1, 2] };
const folder = scratchFolder();

/** `count` samples: sample i holds i's low and high byte, so that it can be told which ones a set has. */
function numbered(name: string, count: number, label: (index: number) => number = (index) => index % 10): string {
  const values = new Uint8Array(count * 2);
  for (let index = 0; index < count; index++) values.set([index & 0xff, index >> 8], index * 2);
  const labels = Int32Array.from({ length: count }, (_, index) => label(index));
  folder.write(name, npz({ image: { shape: [count, 1, 1, 2], values }, labels: { shape: [count], values: labels } }));
  return name;
}

function open(data: DataSection, options = {}): Promise<Roles> {
  return openRoles({ input: { scale: 1 }, ...data }, folder.path('.'), [input], options);
}

async function members(set: DataSet | null): Promise<number[]> {
  if (set === null) return [];
  const { inputs } = await set.batch(Array.from({ length: set.length }, (_, index) => index));
  const values = Array.from(inputs['image']?.data ?? [], Number);
  return Array.from(
    { length: set.length },
    (_, index) => (values[index * 2] ?? 0) + 256 * (values[index * 2 + 1] ?? 0),
  );
}

describe('one set for every role', () => {
  it('is split by seed into parts that share nothing and leave nothing out', async () => {
    const roles = await open({ all: numbered('all.npz', 10_000) });
    const parts = await Promise.all([roles.calibration, roles.selection, roles.test].map(members));
    expect(parts.map((part) => part.length)).toEqual([512, 1898, 7590]);
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
    const split = 'split of all.npz, seed 1: 512 calibration, 1,898 selection, 7,590 test';
    expect(roles.splits).toEqual([`S${split.slice(1)}.`]);
    expect(roles.used).toEqual([
      { role: 'calibration', source: 'all.npz', samples: 512, selection: split },
      { role: 'test', source: 'all.npz', samples: 7590, selection: split },
    ]);
    expect(roles.test?.labels?.[0]).toBe((parts[2]?.[0] ?? 0) % 10);
    await roles.close();
  });

  it('is split the same way every time, and another way with another seed', async () => {
    const all = numbered('seeds.npz', 200);
    const once = await open({ all });
    const again = await open({ all });
    const other = await open({ all, seed: 2 });
    expect(await members(again.calibration)).toEqual(await members(once.calibration));
    expect(await members(other.calibration)).not.toEqual(await members(once.calibration));
    for (const roles of [once, again, other]) await roles.close();
  });

  it('keeps three quarters of a small set out of calibration', async () => {
    const roles = await open({ all: numbered('small.npz', 40) });
    expect([roles.calibration?.length, roles.selection?.length, roles.test?.length]).toEqual([10, 6, 24]);
    await roles.close();
  });

  it('is refused when it is too small to split', async () => {
    const error = await errorOf(open({ all: numbered('two.npz', 2) }));
    expect(error.message).toMatch(/holds too few samples to split \(2\)/);
    expect(isSentence(error.message)).toBe(true);
  });

  it('is the test set, whole, for evaluating', async () => {
    const roles = await open({ all: numbered('whole.npz', 50) }, { whole: true });
    expect([roles.calibration, roles.selection, roles.test?.length]).toEqual([null, null, 50]);
    await roles.close();
  });
});

describe('nothing is chosen by the test labels', () => {
  it('poisoned labels leave calibration and selection as they were', async () => {
    const clean = await open({ all: numbered('clean.npz', 1000) });
    const poisoned = await open({ all: numbered('poisoned.npz', 1000, (index) => (index * 7 + 3) % 10) });
    expect(await members(poisoned.calibration)).toEqual(await members(clean.calibration));
    expect(await members(poisoned.selection)).toEqual(await members(clean.selection));
    expect(poisoned.test?.labels).not.toEqual(clean.test?.labels);
    await clean.close();
    await poisoned.close();
  });

  it('a file named for calibration and for the test is split', async () => {
    const same = numbered('same.npz', 100);
    const roles = await open({ calibration: same, test: `./${same}` });
    const shared = new Set(await members(roles.calibration));
    expect((await members(roles.test)).some((index) => shared.has(index))).toBe(false);
    expect(roles.splits[0]).toMatch(/named for more than one role, so it is split/);
    await roles.close();
  });

  it('also when it goes by two names', async () => {
    const same = numbered('one-name.npz', 100);
    symlinkSync(folder.path(same), folder.path('other-name.npz'));
    const roles = await open({ calibration: 'other-name.npz', test: same });
    const shared = new Set(await members(roles.calibration));
    expect((await members(roles.test)).some((index) => shared.has(index))).toBe(false);
    await roles.close();
  });
});

describe('sets by role', () => {
  it('calibration takes as many as the step asks for, selection what it leaves, the test all', async () => {
    const data = { calibration: numbered('calibration.npz', 100), test: numbered('test.npz', 30) };
    const roles = await open(data, { calibrationSamples: 64 });
    expect([roles.calibration?.length, roles.selection?.length, roles.test?.length]).toEqual([64, 36, 30]);
    expect(roles.used).toEqual([
      { role: 'calibration', source: 'calibration.npz', samples: 64, selection: '64 of 100, seed 1' },
      { role: 'test', source: 'test.npz', samples: 30, selection: 'all' },
    ]);
    await roles.close();
  });

  it('calibrates on part of the training set where there is no set for it', async () => {
    const roles = await open({ train: numbered('train.npz', 80) }, { calibrationSamples: 16 });
    expect([roles.calibration?.length, roles.selection?.length, roles.test]).toEqual([16, 64, null]);
    await roles.close();
  });

  it('uses at most as many samples as the source says', async () => {
    const roles = await open({ test: { path: numbered('limited.npz', 80), limit: 10 } });
    expect(roles.used).toEqual([{ role: 'test', source: 'limited.npz', samples: 10, selection: '10 of 80, seed 1' }]);
    expect(await members(roles.test)).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await roles.close();
  });

  it('makes random values only when asked, the same each time, without labels', async () => {
    const roles = await open({ test: { random: 5 } });
    const again = await open({ test: { random: 5 } });
    expect(roles.test?.labels).toBeNull();
    expect(roles.used).toEqual([{ role: 'test', source: 'random', samples: 5, selection: 'all' }]);
    expect(roles.notes.join()).toMatch(/show speed and size, and nothing about accuracy/);
    expect(await roles.test?.batch([3, 1])).toEqual(await again.test?.batch([3, 1]));
    expect(await roles.test?.batch([3])).not.toEqual(await again.test?.batch([1]));
    await roles.close();
  });

  it('random values need shapes', async () => {
    const free = { ...input, shape: ['batch', 'length'] };
    const error = await errorOf(openRoles({ test: { random: 5 } }, folder.path('.'), [free]));
    expect(error.message).toMatch(/takes \[any\]: random values need a shape/);
  });

  it('says why a test set has no labels, and says nothing of calibration’s', async () => {
    const bare = folder.write('bare.npz', npz({ image: { shape: [4, 1, 1, 2], values: pattern(8) } }));
    const test = await open({ test: bare });
    const calibration = await open({ calibration: bare });
    expect(test.notes).toEqual(['"bare.npz" has no array called labels.']);
    expect(calibration.notes).toEqual([]);
    await test.close();
    await calibration.close();
  });

  it('gives nulls where nothing is named', async () => {
    const roles = await open({});
    expect([roles.calibration, roles.selection, roles.test, roles.used]).toEqual([null, null, null, []]);
  });
});

describe('samples are read as they are asked for', () => {
  it('in any order, with repeats', async () => {
    const roles = await open({ test: numbered('order.npz', 300) });
    const batch = await roles.test?.batch([299, 0, 0, 1, 2, 258]);
    expect(Array.from(batch?.inputs['image']?.data ?? [], Number)).toEqual([43, 1, 0, 0, 0, 0, 1, 0, 2, 0, 2, 1]);
    await roles.close();
  });

  it('a file that changes meanwhile is told', async () => {
    const roles = await open({ test: numbered('changing.npz', 300) });
    folder.write('changing.npz', pattern(1300));
    const error = await errorOf(roles.test?.batch([0]) ?? Promise.resolve());
    expect(error.kind).toBe('changed');
    await roles.close();
  });
});

describe('models that no data can feed are named', () => {
  it.each<[string, Parameters<typeof openRoles>[2], RegExp]>([
    ['no inputs', [], /^There are no inputs in "net\.onnx" that data could feed\. Leave out the data/],
    ['one value', [{ name: 'k', dtype: 'float32', shape: [] }], /input k of "net\.onnx" is one value.*without data/],
    ['texts', [{ name: 'k', dtype: 'string', shape: ['n'] }], /input k of "net\.onnx" takes values of type string/],
    ['a sequence', [{ name: 'k', dtype: null, shape: null }], /input k of "net\.onnx" is of no stated type/],
  ])('%s', async (_, inputs, sentence) => {
    const opening = (): Promise<Roles> =>
      openRoles({ test: { random: 4 } }, folder.path('.'), inputs, { model: '"net.onnx"' });
    const error = await errorOf(Promise.resolve().then(opening));
    expect(error.kind).toBe('unsupported');
    expect(error.message).toMatch(sentence);
    expect(isSentence(error.message)).toBe(true);
  });
});

describe('data that is trained on', () => {
  it('is three quarters of what calibration leaves, and a tenth of it chooses the best weights', async () => {
    const roles = await open({ all: numbered('learning.npz', 10_000) }, { training: true });
    expect(roles.splits).toEqual(['Split of learning.npz, seed 1: 512 calibration, 7,116 training, 2,372 test.']);
    const { selection: learned } = roles;
    if (learned === null) throw new Error('nothing to learn from');
    const split = 'split of learning.npz, seed 1: 512 calibration, 7,116 training, 2,372 test';
    expect(roles.used).toContainEqual({ role: 'training', source: 'learning.npz', samples: 7116, selection: split });
    const { train, selection, sentence } = divideForTraining(learned, 1);
    expect(sentence).toBe('6,404 samples are trained on, and 712 choose the best weights, seed 1.');
    const [trained, chosen, tested] = await Promise.all([train, selection, roles.test].map(members));
    const all = [...(trained ?? []), ...(chosen ?? []), ...(tested ?? [])];
    expect(new Set(all).size).toBe(all.length);
    await roles.close();
  });

  it('comes from the set named for training where calibration has its own', async () => {
    const data = {
      train: numbered('own.npz', 2000),
      calibration: numbered('ranges.npz', 600),
      test: numbered('t.npz', 50),
    };
    const roles = await open(data, { training: true });
    expect(roles.selection?.source).toBe('own.npz');
    const selection = 'all but 512 for calibration, seed 1';
    expect(roles.used).toContainEqual({ role: 'training', source: 'own.npz', samples: 1488, selection });
    await roles.close();
  });
});
