import { beforeAll, describe, expect, it } from 'vitest';
import { formFeeds, openForm } from '../../../../src/core/training/forms/one-computation';
import { AskedForms, type AskedQuestion } from '../../../../src/core/training/forms/record';
import { BLOCKS } from '../../../../src/core/training/gradients/rules/convolution/blocked';
import { chooseForm, type Part } from '../../../../src/core/training/gradients/rules/convolution/computations';
import type { Layer } from '../../../../src/core/training/gradients/rules/convolution/layer';
import { windowOf } from '../../../../src/core/training/gradients/rules/convolution/window';
import { array, type Array64 } from '../reference/array';
import { weightGradient } from '../reference/weight-gradient';
import { convolve, convolveTransposed, slidingShape, type Sliding } from '../reference/windows';
import { newBuilder } from '../gradients/check';

interface Setting {
  readonly title: string;
  readonly batch?: number;
  readonly channels: number;
  readonly outputs: number;
  readonly group?: number;
  readonly large: readonly number[];
  readonly sliding: Sliding;
}

const same3: Sliding = { kernel: [3, 3], pads: [1, 1, 1, 1] };
const strided3: Sliding = { ...same3, strides: [2, 2] };

const SETTINGS: readonly Setting[] = [
  { title: '3x3', channels: 16, outputs: 32, large: [5, 6], sliding: same3 },
  { title: '3x3 without padding', channels: 32, outputs: 16, large: [6, 5], sliding: { kernel: [3, 3] } },
  { title: '3x3 with stride', channels: 16, outputs: 16, large: [6, 8], sliding: strided3 },
  { title: '3x3 with stride and elements left over', channels: 16, outputs: 16, large: [8, 7], sliding: strided3 },
  {
    title: '5x3, padded more behind',
    channels: 16,
    outputs: 16,
    large: [7, 6],
    sliding: { kernel: [5, 3], pads: [1, 0, 2, 2] },
  },
  {
    title: 'with dilations',
    channels: 16,
    outputs: 16,
    large: [7, 8],
    sliding: { kernel: [3, 2], dilations: [2, 3], pads: [1, 2, 2, 1] },
  },
  { title: '1x1', channels: 16, outputs: 32, large: [4, 5], sliding: { kernel: [1, 1] } },
  { title: '1x1 with stride', channels: 16, outputs: 32, large: [6, 5], sliding: { kernel: [1, 1], strides: [2, 2] } },
  { title: 'of one channel', channels: 1, outputs: 16, large: [6, 7], sliding: same3 },
  { title: 'of a few channels, 5x5', channels: 6, outputs: 16, large: [8, 8], sliding: { kernel: [5, 5] } },
  { title: 'depthwise', channels: 32, outputs: 32, group: 32, large: [6, 5], sliding: same3 },
  { title: 'depthwise with stride', channels: 16, outputs: 16, group: 16, large: [6, 8], sliding: strided3 },
  {
    title: 'depthwise with dilations',
    channels: 16,
    outputs: 16,
    group: 16,
    large: [8, 8],
    sliding: { ...same3, dilations: [2, 2], pads: [2, 2, 2, 2] },
  },
  { title: 'in groups', channels: 32, outputs: 32, group: 2, large: [5, 5], sliding: same3 },
  { title: 'over one axis', channels: 16, outputs: 16, large: [9], sliding: { kernel: [3], pads: [1, 1] } },
  {
    title: 'over three axes',
    channels: 2,
    outputs: 3,
    large: [4, 4, 3],
    sliding: { kernel: [2, 3, 2], strides: [2, 1, 1] },
  },
];

function layerOf({ batch = 16, channels, outputs, group = 1, large, sliding }: Setting): Layer {
  const { kernel, strides, dilations, pads } = sliding;
  const stated = Object.entries({ strides, dilations, pads }).flatMap(([name, value]) =>
    value ? [[name, { kind: 'ints', value }] as const] : [],
  );
  const node = { ...{ name: '', opType: 'Conv', domain: '', inputs: [], outputs: [], metadata: new Map() } };
  const small = slidingShape(large, sliding);
  return {
    window: windowOf({ ...node, attributes: new Map(stated) }, kernel, large, small),
    group,
    batch,
    channels,
    outputs,
  };
}

/** The question that the rule asks about a part, and the forms it names. */
function asked(part: Part, layer: Layer): AskedQuestion {
  const forms = new AskedForms();
  chooseForm(newBuilder(18, { forms }), part, layer);
  const [only] = forms.questions;
  if (only === undefined) throw new Error('nothing was asked');
  return only;
}

const inFloat64: Readonly<Record<Part, (a: Array64, b: Array64, setting: Setting) => Array64>> = {
  forward: (x, w, { sliding, group }) => convolve(x, w, undefined, sliding, group),
  'input gradient': (dy, w, { sliding, group = 1, large }) =>
    convolveTransposed(dy, w, undefined, { sliding, lengths: large, group }),
  'weight gradient': (x, dy, { sliding, group }) => weightGradient(x, dy, sliding, group),
};

/** How far a form's answer is from float64, relative to its norm; null where the runtime refuses it. */
async function errorOf(
  form: string,
  part: Part,
  setting: Setting,
  { question }: AskedQuestion,
): Promise<number | null> {
  const feeds = formFeeds(question);
  const [a, b] = Object.values(feeds).map(({ shape, data }) => array(shape, Array.from(data, Number)));
  if (!a || !b) throw new Error('two tensors');
  const expected = inFloat64[part](a, b, setting);
  let session;
  try {
    session = await openForm(question, form, 2);
  } catch (error) {
    if (form.includes(' ')) return null;
    throw error;
  }
  const [answer] = Object.values(await session.run(feeds));
  await session.close();
  expect(answer?.shape, form).toEqual(expected.shape);
  const values = Array.from(answer?.data ?? [], Number);
  const difference = Math.hypot(...values.map((value, index) => value - (expected.data[index] ?? 0)));
  return difference / Math.hypot(...expected.data);
}

/** Forms that write the runtime's own layout say in their name for how many channels a block it is. */
const blockOf = (form: string): number | null => Number(/ (\d+)$/.exec(form)?.[1] ?? 0) || null;
const TOLERANCE = 1e-5;
const [SIMPLE] = SETTINGS;

describe('every form of a convolution gives what it gives in float64', () => {
  /** Channels a block on this processor; null where the runtime has no such layout. */
  let native: number | null = null;

  beforeAll(async () => {
    if (!SIMPLE) return;
    const question = asked('forward', layerOf(SIMPLE));
    for (const block of BLOCKS) {
      const error = await errorOf(`blocked ${block}`, 'forward', SIMPLE, question);
      if (error !== null && error < TOLERANCE) native = block;
    }
    if (native === null) console.info('No blocked layout on this processor: its forms are not tested.');
  });

  for (const setting of SETTINGS)
    for (const part of ['forward', 'input gradient', 'weight gradient'] as const)
      it(`${part} ${setting.title}`, async () => {
        const question = asked(part, layerOf(setting));
        for (const form of question.forms) {
          const block = blockOf(form);
          if (block !== null && block !== native) continue;
          expect(await errorOf(form, part, setting, question), form).toBeLessThan(TOLERANCE);
        }
      });
});
