import { EdgewiseError } from '../errors';
import { orList } from './allowed';
import type { QuantizeStep, Recipe } from './recipe.schema';
import { encodingOfStep, overridden } from '../compression/encodings/step-scheme';

export type RuntimeName = NonNullable<NonNullable<Recipe['target']>['runtime']>;

/** What a place can run. */
export interface TargetProfile {
  /** In sentences: "ONNX Runtime on x86". */
  readonly title: string;
  /** Where the rules are from, as no model was run there: "its 8-bit specification". Left out where Edgewise runs models. */
  readonly rulesFrom?: string;
  /** Bits of affine weights, bits of palettes, and floats, narrower than float32. */
  readonly affine: readonly number[];
  readonly palette: readonly number[];
  readonly floats: readonly ('float16' | 'bfloat16')[];
  /** What scales may be shared by. */
  readonly granularity: readonly QuantizeStep['granularity'][];
  /** True where scales may have a zero point. */
  readonly asymmetric: boolean;
  readonly sparse: boolean;
  readonly activations: readonly QuantizeStep['activations'][];
  /** Operators that its own tools know, or standard ones that unpack when a model is loaded. */
  readonly store: 'native' | 'smallest';
  /** 7-bit weights; `auto`: as this computer needs it, where it is such a one. */
  readonly reduceRange: boolean | 'auto';
  /** Integers only: a model whose activations stay floats does not run there. */
  readonly integersOnly: boolean;
}

const EVERYTHING = {
  affine: [8, 4, 3, 2],
  palette: [8, 7, 6, 5, 4, 3, 2, 1],
  floats: ['float16', 'bfloat16'],
  granularity: ['channel', 'tensor', 'block', 'group'],
  asymmetric: true,
  sparse: true,
  activations: ['float32', 'uint8', 'uint16', 'dynamic'],
  store: 'smallest',
  integersOnly: false,
} as const satisfies Partial<TargetProfile>;

/**
 * Where models run. A new place is one row. Sources: ONNX Runtime's quantization guide (x86 without VNNI saturates);
 * the 8-bit specification of TensorFlow Lite; Core ML Tools' `coreml/_config.py`; the kernels of TensorFlow Lite Micro.
 */
const PROFILES: Readonly<Record<RuntimeName, TargetProfile>> = {
  'ort-x64': { title: 'ONNX Runtime on x86', ...EVERYTHING, reduceRange: 'auto' },
  'ort-arm64': { title: 'ONNX Runtime on ARM', ...EVERYTHING, reduceRange: false },
  'ort-web': { title: 'ONNX Runtime in a browser', ...EVERYTHING, reduceRange: false },
  tflite: {
    title: 'TensorFlow Lite',
    rulesFrom: 'its 8-bit quantization specification',
    affine: [8, 4],
    palette: [],
    floats: ['float16'],
    granularity: ['channel', 'tensor', 'block'],
    asymmetric: false,
    sparse: false,
    activations: ['float32', 'uint8', 'uint16'],
    store: 'native',
    reduceRange: false,
    integersOnly: false,
  },
  coreml: {
    title: 'Core ML',
    rulesFrom: 'the documentation of Core ML Tools',
    affine: [8, 4],
    palette: [8, 6, 4, 3, 2, 1],
    floats: ['float16'],
    granularity: ['channel', 'tensor', 'block', 'group'],
    asymmetric: true,
    sparse: true,
    activations: ['float32', 'uint8'],
    store: 'smallest',
    reduceRange: false,
    integersOnly: false,
  },
  micro: {
    title: 'a microcontroller',
    rulesFrom: 'the kernels of TensorFlow Lite Micro',
    affine: [8],
    palette: [],
    floats: [],
    granularity: ['channel', 'tensor'],
    asymmetric: false,
    sparse: false,
    activations: ['uint8', 'uint16'],
    store: 'native',
    reduceRange: false,
    integersOnly: true,
  },
};

export const PROFILE_NAMES = Object.keys(PROFILES);

export function profileOf(name: RuntimeName): TargetProfile {
  return PROFILES[name];
}

/** A recipe as its place can run it, and what had to be changed for that, in sentences. */
export interface FittedRecipe {
  readonly recipe: Recipe;
  readonly changes: readonly string[];
}

/**
 * Fits the steps to the place that the recipe names; without one, the recipe as it is. x86 elsewhere may lack VNNI, and
 * nothing here tells: weights get 7 bits for it, where this computer is of another kind.
 * @param architecture of this computer
 * @throws EdgewiseError `bad-recipe` for a step that the place cannot run, with what it can
 */
export function fitToTarget(recipe: Recipe, architecture: string = process.arch): FittedRecipe {
  const name = recipe.target?.runtime;
  if (name === undefined) return { recipe, changes: [] };
  const profile = PROFILES[name];
  const changes = new Set<string>();
  const steps = recipe.steps.map((step) =>
    step.quantize
      ? { quantize: fitted(step.quantize, profile, architecture, (sentence) => changes.add(sentence)) }
      : step,
  );
  return { recipe: { ...recipe, steps }, changes: [...changes] };
}

/** Said in the report of a model that is to run elsewhere; null for the kind of computer that this is. */
export function placeRemark(name: RuntimeName, architecture: string = process.arch): string | null {
  if (name === `ort-${architecture}`) return null;
  const { title, rulesFrom } = PROFILES[name];
  const latency = `Latency is this computer's, not that of ${title}, where the model is to run.`;
  if (rulesFrom === undefined) return latency;
  return `${latency} What ${title} can run is taken from ${rulesFrom}: this model was not run there, and its ONNX file has to be converted for it.`;
}

function fitted(
  step: QuantizeStep,
  profile: TargetProfile,
  architecture: string,
  say: (sentence: string) => void,
): QuantizeStep {
  for (const options of [
    step,
    ...(step.overrides ?? []).map((override) => ({ ...step, ...overridden(step, override) })),
  ])
    refuseUnfit(options, profile);
  let result = step;
  if (profile.store === 'native' && step.store !== 'native') {
    // What was asked for is told to be otherwise; a default is only chosen.
    if (step.store !== undefined) say(`Weights are stored natively: ${profile.title} does not unpack them at loading.`);
    result = { ...result, store: 'native' };
  }
  if (step.reduceRange === 'auto') {
    const isElsewhere = profile.reduceRange === 'auto' && architecture !== 'x64';
    result = { ...result, reduceRange: isElsewhere || profile.reduceRange };
  }
  return result;
}

function refuseUnfit(step: QuantizeStep, profile: TargetProfile): void {
  const { title, rulesFrom } = profile;
  const refuse = (what: string, instead: string): never => {
    const source = rulesFrom === undefined ? '' : ` (by ${rulesFrom})`;
    throw new EdgewiseError('bad-recipe', `${sentenceCase(title)} cannot run ${what}${source}; use ${instead}.`);
  };
  if (!hasWeights(step, profile)) refuse(whatWeights(step), orList(allWeights(profile)));
  if (!profile.activations.includes(step.activations))
    refuse(
      step.activations === 'float32' ? 'float activations' : `${step.activations} activations`,
      `${orList(profile.activations)} activations`,
    );
  if (!profile.granularity.includes(step.granularity))
    refuse(`scales of a ${step.granularity}`, `one for each ${orList(profile.granularity)}`);
  if (step.symmetric === false && !profile.asymmetric) refuse('weights with zero points', 'symmetric scales');
  if ((step.sparsity ?? 0) > 0 && !profile.sparse) refuse('sparse weights', 'weights with all their values');
  if (step.compute === 'float16' && !profile.floats.includes('float16')) refuse('float16 arithmetic', 'integers');
}

function hasWeights(step: QuantizeStep, profile: TargetProfile): boolean {
  if (step.weights === 'float32') return !profile.integersOnly;
  if (step.weights === 'float16' || step.weights === 'bfloat16') return profile.floats.includes(step.weights);
  return profile[encodingOfStep(step)].includes(Number(step.weights.slice('int'.length)));
}

function whatWeights(step: QuantizeStep): string {
  if (!step.weights.startsWith('int')) return `${step.weights} weights`;
  const bits = step.weights.slice('int'.length);
  return encodingOfStep(step) === 'palette' ? `palettes of ${bits} bits` : `int${bits} weights`;
}

function allWeights({ affine, palette, floats }: TargetProfile): string[] {
  const palettes = palette.length === 0 ? [] : [`a palette of ${orList(palette.map(String))} bits`];
  return [...affine.map((bits) => `int${bits}`), ...floats, ...palettes];
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
