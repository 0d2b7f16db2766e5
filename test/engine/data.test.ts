import { describe, expect, it } from 'vitest';
import { digits } from './engine-bundle';
import { errorOf, useEngine } from './engine-session';

const session = useEngine();
const check = (data: object) => session.client.run('checkData', { model: session.model, data, base: digits });

describe('data that a user names', () => {
  it('are described where they serve', async () => {
    const found = await check({ all: 'data/test.npz', input: { scale: 1 / 255 } });
    expect(found.labelled).toBe(true);
    expect(found.accuracy).toBeGreaterThan(0.95);
    expect(found.warnings).toEqual([]);
    expect(found.samples.calibration).toBe(512);
    expect(found.samples.test).toBeGreaterThan(1500);
  });

  it('of the wrong scale are doubted', async () => {
    const { accuracy, warnings, guessing } = await check({ all: 'data/test.npz', input: { scale: 1e-6 } });
    expect(accuracy).toBeLessThan(0.3);
    expect(guessing).toBe(true);
    expect(warnings.join()).toMatch(/wrong normalization or labels\?/);
  });

  it('of the wrong scale have the right one found, in a data section to use', async () => {
    const data = { all: 'data/test.npz', input: { scale: 1e-6 } };
    const { ranked } = await session.client.run('findPreprocessing', { model: session.model, data, base: digits });
    expect(ranked[0]).toMatchObject({ title: 'values from 0 to 1', words: 'times 1/255', flags: '--scale 1/255' });
    expect(ranked[0]?.data).toEqual({ all: 'data/test.npz', input: { scale: 1 / 255 } });
    expect(ranked[0]?.accuracy).toBeGreaterThan(0.95);
  });

  it('that are missing are named', async () => {
    const error = await errorOf(check({ all: 'nowhere.npz' }));
    expect(error.kind).toBe('not-found');
    expect(error.message).toContain('nowhere.npz');
  });

  it('are measured by an evaluation', async () => {
    const params = { model: session.model, data: { test: 'data/test.npz' }, base: digits };
    const { metric, value, samples } = await session.client.run('evaluate', params);
    expect({ metric, samples }).toEqual({ metric: 'accuracy', samples: 2500 });
    expect(value).toBeGreaterThan(0.98);
  });
});
