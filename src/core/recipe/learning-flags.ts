import * as z from 'zod';
import { listFlag, numberFlag, usage } from './flag-values';
import { hintOf, hintText } from './hint-flag';
import { measureOf } from './measure-flag';
import { listOf, numberOf, pairsOf, switchOf, textOf, wordOf, type LearningFlag } from './learning-flag';

// Every flag of the verbs that train, a line each, in the order of the help. What a flag means is said by the recipe's
// schema, which the help repeats.

const LOSSES = ['cross-entropy', 'binary-cross-entropy', 'squared-error', 'absolute-error', 'cosine'];

export const TRAIN_FLAGS: readonly LearningFlag[] = [
  numberOf('epochs', 'epochs', 'number'),
  numberOf('batch', 'batch', 'samples'),
  wordOf('optimizer', 'optimizer', 'name'),
  numberOf('rate', 'lr', 'rate'),
  numberOf('momentum', 'momentum', 'share'),
  switchOf('nesterov', 'nesterov', { negatable: true }),
  numberOf('weightDecay', 'weight-decay', 'share'),
  wordOf('schedule', 'schedule', 'name'),
  numberOf('warmUp', 'warm-up', 'steps'),
  numberOf('clip', 'clip', 'length'),
  numberOf('accumulate', 'accumulate', 'batches'),
  numberOf('average', 'average', 'share'),
  textOf(
    'loss',
    'loss',
    'name',
    {
      read: (text) => (LOSSES.includes(text) ? text : { graph: text }),
      write: (value) => (typeof value === 'string' ? value : z.object({ graph: z.string() }).parse(value).graph),
    },
    { help: `${LOSSES.join(', ')}, or an .onnx file that gives one number` },
  ),
  numberOf('smoothing', 'smoothing', 'share'),
  textOf('classWeights', 'class-weights', 'numbers', {
    read: (text) => [listFlag('--class-weights', text)].flat(),
    write: (value) => z.array(z.number()).parse(value).join(','),
  }),
  textOf('regularize', 'regularize', 'kind=strength', { read: regularizeOf, write: regularizeText }),
  wordOf('only', 'only', 'part'),
  listOf('freeze', 'freeze', 'layer'),
  wordOf('normalization', 'normalization', 'way'),
  numberOf('freezeNormalization', 'freeze-normalization', 'share'),
  textOf(
    'augment',
    'augment',
    'changes',
    { read: augmentOf, write: augmentText },
    { help: 'changes to pictures at random, as in flip,shift=2,crop=0.8,mixup=0.2' },
  ),
  measureOf(
    'sparsity',
    'level',
    ['begin', 'end', 'every'],
    'zeros while it trains: their share, as in 0.5,begin=0.1,end=0.6,layer=conv1',
  ),
  measureOf(
    'cluster',
    'bits',
    ['end'],
    'weights that share 2^bits values while they learn, as in 4,end=0.7,layer=conv1',
  ),
  numberOf('evaluateEvery', 'evaluate-every', 'steps'),
  numberOf('patience', 'patience', 'evaluations'),
  numberOf('seed', 'training-seed', 'number', {
    help: 'of order, masks and mixtures, where it is not that of the data; default: as --seed, or 1',
  }),
  numberOf('threads', 'threads', 'number'),
];

export const TEACHER_FLAGS: readonly LearningFlag[] = [
  listOf('teacher', 'teacher', 'model', {
    read: (texts) => (texts.length === 1 ? texts[0] : [...texts]),
    write: (value) => [value].flat().map(String),
  }),
  numberOf('temperature', 'temperature', 'number'),
  numberOf('distillation', 'distillation', 'share'),
  wordOf('answers', 'answers', 'when'),
  numberOf('variants', 'variants', 'number'),
  listOf('hints', 'hint', 'student=teacher', {
    read: (texts) => texts.map(hintOf),
    write: (value) => z.array(z.unknown()).parse(value).map(hintText),
  }),
];

export const AWARE_FLAGS: readonly LearningFlag[] = [
  textOf(
    'weights',
    'weights',
    'bits',
    { read: (text) => (/^\d$/.test(text) ? `int${text}` : text), write: (value) => String(value).replace(/^int/, '') },
    { help: '8, 7, 6, 5, 4, 3 or 2 bits, ternary or binary, while it trains and afterwards; default: floats' },
  ),
  textOf(
    'activations',
    'activations',
    'bits',
    {
      read: (text) => (text === 'float' ? 'float32' : /^\d$/.test(text) ? `uint${text}` : text),
      write: (value) => (value === 'float32' ? 'float' : String(value).replace(/^uint/, '')),
    },
    { help: '8 to 2 bits, or float; default: float' },
  ),
  wordOf('method', 'method', 'name'),
  wordOf('granularity', 'granularity', 'kind'),
  wordOf('ends', 'ends', 'kind'),
  textOf(
    'progressive',
    'progressive',
    'bits',
    {
      read: (text) => (text === 'yes' ? true : [listFlag('--progressive', text)].flat()),
      write: (value) => (value === true ? 'yes' : z.array(z.number()).parse(value).join(',')),
    },
    { help: 'bits on the way down over the first half of the training, as in 8,4, or yes: halved each time' },
  ),
  listOf('keep', 'keep', 'layer'),
];

export const STUDENT_FLAGS: readonly LearningFlag[] = [
  numberOf('width', 'width', 'share'),
  numberOf('depth', 'depth', 'share'),
  numberOf('rank', 'rank', 'number'),
  switchOf('share', 'share'),
];

function regularizeOf(text: string): object {
  const [kind = '', strength, ...more] = text.split('=');
  if (strength === undefined || more.length > 0)
    throw usage(`--regularize is '${text}'; give a kind and its strength, as in --regularize l1=0.0001.`);
  return { kind, strength: numberFlag('--regularize', strength) };
}

function regularizeText(value: unknown): string {
  const { kind, strength } = z.object({ kind: z.string(), strength: z.number() }).parse(value);
  return `${kind}=${strength}`;
}

const AUGMENTATIONS = ['flip', 'shift', 'crop', 'mixup'];

function augmentOf(text: string): object {
  const pairs = pairsOf('--augment', text, AUGMENTATIONS);
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      name,
      name === 'flip' ? value !== 'no' : numberFlag(`--augment ${name}`, value ?? ''),
    ]),
  );
}

function augmentText(value: unknown): string {
  const changes = Object.entries(z.record(z.string(), z.union([z.boolean(), z.number()])).parse(value));
  return changes
    .map(([name, change]) => (change === true ? name : `${name}=${change === false ? 'no' : change}`))
    .join(',');
}
