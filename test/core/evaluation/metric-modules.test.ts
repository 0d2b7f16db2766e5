import { describe, expect, it } from 'vitest';
import { metricFromModule } from '../../../src/core/evaluation/metrics/from-module';
import { npz } from '../data/files';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { identity, measured, withTest } from './judging';

const folder = scratchFolder();
const base = folder.path('.');
const x = { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
const labels = { shape: [3], values: Uint8Array.of(1, 0, 1) };
folder.write('x.npz', npz({ x, labels, target_y: { shape: [3, 2], values: Float32Array.of(0, 2, 3, 0, 5, 5) } }));

async function withModule(name: string, text: string): Promise<ReturnType<typeof measured>> {
  const file = folder.write('pairs.onnx', await identity(['batch', 2]));
  const metric = await metricFromModule(folder.write(name, text));
  return withTest('x.npz', base, file, (test) => measured(file, test, { extra: [metric] }));
}

describe('a metric of the user’s own', () => {
  it('gets each sample’s outputs and targets, and is the headline', async () => {
    const { measurement } = await withModule(
      'largest.mjs',
      `export const name = 'largest miss';
       export const higherIsBetter = false;
       export function score(outputs, { label, text, outputs: targets }) {
         const misses = outputs.y.data.map((value, at) => Math.abs(value - targets.y.data[at]));
         return Math.max(...misses) + 100 * label + (text === null ? 0 : NaN) + outputs.y.shape[0] - 2;
       }`,
    );
    expect(measurement).toMatchObject({
      metric: 'custom',
      headline: { name: 'largest miss', unit: 'number', better: 'lower' },
      value: (101 + 4 + 101) / 3,
      samples: 3,
    });
    expect(measurement.metrics?.map(({ name }) => name)).toContain('accuracy');
  });

  it('may be the default export', async () => {
    const text = 'export default { name: "one", higherIsBetter: true, score: () => 1 }';
    expect((await withModule('default.mjs', text)).measurement).toMatchObject({ metric: 'custom', value: 1 });
  });

  it.each([
    ['none.mjs', 'export const name = "x";', /^"none\.mjs" is no metric: export name \(a text\)/],
    ['broken.mjs', 'export const = ;', /^"broken\.mjs" cannot be loaded: /],
    [
      'throws.mjs',
      'export default { name: "x", higherIsBetter: true, score() { throw new Error("no such output") } }',
      /^"throws\.mjs" failed on sample 0: no such output\.$/,
    ],
    [
      'text.mjs',
      'export default { name: "x", higherIsBetter: true, score: () => "much" }',
      /^"text\.mjs" gave much for sample 0, which is no number\.$/,
    ],
  ])('%s is refused in one sentence', async (name, text, expected) => {
    const error = await errorOf(withModule(name, text));
    expect(error.message).toMatch(expected);
    expect(error.kind).toBe('usage');
    expect(isSentence(error.message)).toBe(true);
  });

  it('that is not there is not found', async () => {
    expect((await errorOf(metricFromModule(folder.path('lost.mjs')))).kind).toBe('not-found');
  });
});
