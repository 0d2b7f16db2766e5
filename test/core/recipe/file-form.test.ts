import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { layersOf } from '../../../src/core/analysis/layers';
import { readModel } from '../../../src/core/formats';
import type { Report } from '../../../src/core/evaluation/report.schema';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { recipeFromFlags } from '../../../src/core/recipe/from-flags';
import type { RecipeFlags } from '../../../src/core/recipe/flags';
import { compressModel } from '../../../src/core/recipe/run';
import { scratchFolder } from '../compression/running';

const folder = scratchFolder();
const digits = path.resolve(__dirname, '../../../examples/digits');
const DATA: RecipeFlags = {
  ...{ calibration: 'data/calibration.npz', test: 'data/test.npz' },
  ...{ input: 'image', layout: 'NCHW', channels: 'gray', scale: '0.00392156862745098' },
};
let runs = 0;

async function compressed(flags: RecipeFlags): Promise<{ report: Report; file: string }> {
  const output = path.join(folder, `digits-${runs++}.onnx`);
  const { report, outputPath } = await compressModel(
    {
      model: path.join(digits, 'digits.onnx'),
      recipe: recipeFromFlags({ ...DATA, ...flags }),
      base: digits,
      output,
    },
    quietContext(),
  );
  expect(outputPath).toBe(output);
  return { report, file: output };
}

describe('short names', () => {
  let long: Report;
  let short: Report;
  let file: string;
  beforeAll(async () => {
    long = (await compressed({ weights: '8' })).report;
    ({ report: short, file } = await compressed({ weights: '8', shortNames: true }));
  });

  it('make a smaller file that computes the same', () => {
    expect(short.after.bytes).toBeLessThan(long.after.bytes);
    expect(short.after.value).toBe(long.after.value);
    expect(short.after.parameters).toBe(long.after.parameters);
  });

  it('leave those of inputs and outputs, and the texts about the model', async () => {
    const [before, after] = [await readModel(path.join(digits, 'digits.onnx')), await readModel(file)];
    const ends = ({ graph }: Model) =>
      [...graph.inputs, ...graph.outputs].map(({ name, type: { dtype, shape } }) => ({ name, dtype, shape }));
    expect(ends(after)).toEqual(ends(before));
    expect([...after.metadata.keys()]).toContain('edgewise.recipe');
    expect(Math.max(...[...after.graph.weights.keys()].map((name) => name.length))).toBeLessThan(3);
  });

  it('are not those by which the report tells layers apart', async () => {
    expect(short.layers).toEqual(long.layers.map((layer) => ({ ...layer, bytesAfter: expect.any(Number) as number })));
    expect(short.layers.some(({ sqnrDb }) => sqnrDb !== null)).toBe(true);
    expect(short.distributions?.map(({ layer }) => layer)).toEqual(long.distributions?.map(({ layer }) => layer));
    const names = layersOf(await readModel(file)).map(({ name }) => name);
    expect(names).not.toContain(short.layers[0]?.name);
  });

  it('go with static quantization, whose ranges keep their names in the report', async () => {
    const flags: RecipeFlags = { to: 'int8', samples: '32' };
    const [named, numbered] = [await compressed(flags), await compressed({ ...flags, shortNames: true })];
    expect(numbered.report.after.bytes).toBeLessThan(named.report.after.bytes);
    expect(numbered.report.after.value).toBe(named.report.after.value);
    expect(numbered.report.layers.map(({ name, sqnrDb }) => [name, sqnrDb])).toEqual(
      named.report.layers.map(({ name, sqnrDb }) => [name, sqnrDb]),
    );
  });
});

describe('a model that computes in float16', () => {
  it.each(['float32', 'float16'] as const)(
    'takes and gives %s as asked, and is measured on the same samples',
    async (ends) => {
      const { report, file } = await compressed({ weights: 'float16', compute: 'float16', ends });
      const { graph } = await readModel(file);
      expect([...graph.inputs, ...graph.outputs].map(({ type }) => type.dtype)).toEqual([ends, ends]);
      expect(report.after.value).toBeCloseTo(report.before.value ?? 0, 2);
      expect(graph.nodes.filter(({ opType }) => opType === 'Cast').length).toBe(ends === 'float16' ? 0 : 2);
    },
  );

  it('has float32 ends where nothing else is said', async () => {
    const { file } = await compressed({ weights: 'float16', compute: 'float16' });
    expect((await readModel(file)).graph.inputs[0]?.type.dtype).toBe('float32');
  });

  it('is the only one whose ends can be float16', async () => {
    await expect(compressed({ weights: 'float16', ends: 'float16' })).rejects.toThrow(
      /ends: float16 goes with float16 arithmetic/,
    );
  });
});
