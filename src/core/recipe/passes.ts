import { summarize } from '../analysis/summary';
import { encodeWeights } from '../compression/quantization/encode-weights';
import { quantizeDynamic } from '../compression/quantization/dynamic';
import { quantizeStatic } from '../compression/quantization/static';
import { preparedModel } from '../compression/quantization/static/preparation';
import { EdgewiseError } from '../errors';
import type { DataSet } from '../evaluation/data';
import { formatOf } from '../formats';
import { openWeights } from '../formats/weight-reader';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import { rangeAdvice } from '../runtime/reduced-range';
import { isHeld, refuseRepairs, withHeldForms } from './held-schemes';
import { nearestChoice } from './nearest-choice';
import type { WeightPlan } from '../compression/encodings/scheme';
import { standingWeights, type StandingWeights } from '../training/standing-weights';
import type { QuantizeStep } from './recipe.schema';
import { repairedFor, repairsNeedCalibration } from './repair-step';
import { encodedByStep } from './weight-pass';
import { keptLayers, planWeights } from './weight-plan';

/** What a pass works with beside the model. */
export interface PassContext {
  readonly job: JobContext;
  /** What sentences call the model. */
  readonly file: string;
  readonly calibration: DataSet | null;
  /** A file from which a calibration that was stopped goes on. */
  readonly checkpoint?: string;
  /** Gets sentences for the report. */
  warn(sentence: string): void;
  /** Called once the result is written: weights are read while they are. */
  whenWritten(close: () => Promise<void>): void;
}

export interface PassResult {
  readonly model: Model;
  /** The model whose weights were rounded: what errors of weights are measured against. */
  readonly reference: Model;
}

/** One technique of a recipe. */
export interface Pass {
  readonly title: string;
  /** True for the steps that this pass carries out. */
  takes(step: QuantizeStep): boolean;
  /** True where a step cannot do without samples. */
  needsCalibration(step: QuantizeStep): boolean;
  run(model: Model, step: QuantizeStep, context: PassContext): Promise<PassResult>;
}

const encodedWeights: Pass = {
  title: 'encoded weights',
  takes: (step) => step.activations === 'float32',
  needsCalibration: repairsNeedCalibration,
  run: encoded,
};

const dynamicIntegers: Pass = {
  title: 'dynamic integers',
  takes: (step) => step.activations === 'dynamic',
  needsCalibration: repairsNeedCalibration,
  run: dynamic,
};

const staticIntegers: Pass = {
  title: 'static integers',
  takes: (step) => step.weights.startsWith('int') && step.activations !== 'float32',
  needsCalibration: () => true,
  run: calibrated,
};

const halfArithmetic: Pass = {
  title: 'float16 arithmetic',
  takes: (step) => step.compute === 'float16',
  needsCalibration: repairsNeedCalibration,
  run: computingInHalf,
};

/** Every pass; the first that takes a step carries it out. A new one is one line. */
const PASSES: readonly Pass[] = [halfArithmetic, encodedWeights, dynamicIntegers, staticIntegers];

/**
 * The pass that carries out a step.
 * @throws EdgewiseError `bad-recipe` for a combination that none does
 */
export function passOf(step: QuantizeStep): Pass {
  const pass = PASSES.find(({ takes }) => takes(step));
  if (pass) return pass;
  throw new EdgewiseError(
    'bad-recipe',
    `There is no step with ${step.weights} weights and ${step.activations} activations; use float32 activations with ${step.weights} weights.`,
  );
}

/** The plan decides values; the model's format says how they are stored. */
async function encoded(given: Model, step: QuantizeStep, context: PassContext): Promise<PassResult> {
  const { job, file, warn, whenWritten } = context;
  const standing = await standingWeights(given);
  const { model } = standing;
  const { encodings } = formatOf(model.format);
  const options = { file, warn, signal: job.signal };
  const weights = await openWeights(model);
  whenWritten(() => weights.close());
  if (isHeld(standing.held)) {
    refuseRepairs(step, file);
    const plan = await withHeldForms(planWeights(model, step, file), standing, weights, false);
    const kept = await encodeWeights(model, weights, plan, options);
    return { model: encodings.store(model, kept, step.store), reference: model };
  }
  const tensors = await encodedByStep(model, weights, step, options);
  if (tensors.size === 0) throw nothingSmaller(model, step, file);
  if (step.repair === undefined || step.repair.length === 0)
    return { model: encodings.store(model, tensors, step.store), reference: model };
  const plan = new Map([...planWeights(model, step, file)].filter(([name]) => tensors.has(name)));
  const repaired = await repairedFor(model, plan, step, context);
  const repairedWeights = await openWeights(repaired.model);
  whenWritten(() => repairedWeights.close());
  const encoded = await encodeWeights(repaired.model, repairedWeights, repaired.plan, options);
  return { model: encodings.store(repaired.model, encoded, step.store), reference: repaired.reference };
}

/** Every float16 weight is kept as it is in memory, so that all of them are encoded, also where it saves nothing. */
async function computingInHalf(model: Model, step: QuantizeStep, context: PassContext): Promise<PassResult> {
  const { job, file, warn, whenWritten } = context;
  const { computeInHalf, title } = formatOf(model.format);
  if (computeInHalf === undefined)
    throw new EdgewiseError('unsupported', `${title} files do not compute in float16. Use float16 weights alone.`, {
      file,
    });
  const repaired = await repairedFor(model, planWeights(model, step, file), step, context);
  const weights = await openWeights(repaired.model);
  whenWritten(() => weights.close());
  const tensors = await encodeWeights(repaired.model, weights, repaired.plan, { warn, signal: job.signal });
  const halves = new Map([...tensors].flatMap(([name, tensor]) => (tensor.kind === 'dense' ? [[name, tensor]] : [])));
  warn('Arithmetic in float16 is for GPUs: this processor converts back and forth, so its latency says little.');
  return {
    model: computeInHalf(repaired.model, halves, { ends: step.ends ?? 'float32' }),
    reference: repaired.reference,
  };
}

async function dynamic(given: Model, step: QuantizeStep, context: PassContext): Promise<PassResult> {
  const { file } = context;
  const keep = [...keptLayers(given, step, file)];
  const model = await readyForRepairs(given, step);
  const repaired = await repairedFor(model, planWeights(model, step, file), step, context);
  const reduceRange = await reducedRange(step, context);
  const granularity = step.granularity === 'tensor' ? 'tensor' : 'channel';
  const options = { granularity, keep, reduceRange, weights: repaired.plan } as const;
  const result = await quantizeDynamic(repaired.model, options);
  return { model: result.model, reference: isRepaired(step) ? repaired.reference : result.reference };
}

async function calibrated(given: Model, step: QuantizeStep, context: PassContext): Promise<PassResult> {
  const { calibration, job, file } = context;
  if (calibration === null)
    throw new EdgewiseError('usage', `Quantizing activations of ${file} needs samples for calibration.`, { file });
  const { granularity, samples, activations, ranges } = step;
  const standing = await standingWeights(given);
  const hasHeld = isHeld(standing.held);
  if (hasHeld) refuseRepairs(step, file);
  const keep = [...keptLayers(standing.model, step, file)];
  const model = await readyForRepairs(standing.model, step);
  const plan = await plannedWith(standing, model, step, file);
  const repaired = await repairedFor(model, plan, step, context);
  const reduceRange = await reducedRange(step, context);
  const result = await quantizeStatic(repaired.model, {
    calibration,
    granularity: granularity === 'tensor' ? 'tensor' : 'channel',
    keep,
    samples,
    reduceRange,
    context: job,
    // Native files are for other runtimes.
    fastFirst: activations === 'uint8' && step.store !== 'native',
    ...(isPlain(step) && !hasHeld ? {} : { weights: repaired.plan }),
    ...(ranges === undefined ? {} : { ranges }),
    ...(activations === 'uint8' || activations === 'uint16' ? { activations } : {}),
    ...(context.checkpoint === undefined ? {} : { checkpoint: context.checkpoint }),
  });
  for (const warning of result.warnings) context.warn(warning);
  if (activations === 'uint16')
    context.warn(
      'On a processor, ONNX Runtime computes 16-bit activations as floats: accelerators are what they are for.',
    );
  return { model: result.model, reference: isRepaired(step) ? repaired.reference : result.reference };
}

/** The weights of a step as integer kernels take them, shared values with it. */
async function plannedWith(
  standing: StandingWeights,
  model: Model,
  step: QuantizeStep,
  file: string,
): Promise<WeightPlan> {
  const plan = planWeights(model, step, file);
  if (!isHeld(standing.held)) return plan;
  const reader = await openWeights(model);
  try {
    return await withHeldForms(plan, { model, held: standing.held }, reader, true);
  } finally {
    await reader.close();
  }
}

/**
 * The model as integer kernels take it, where repairs come first: what they choose for weights must be true of those
 * that are stored, with batch normalization folded in.
 */
async function readyForRepairs(model: Model, step: QuantizeStep): Promise<Model> {
  return isRepaired(step) ? preparedModel(model) : model;
}

function isRepaired({ repair = [] }: QuantizeStep): boolean {
  return repair.length > 0;
}

const ROUNDED_AGAIN = 'Repairs chose codes of 8 bits, which were rounded to 7 afterwards: much of their gain is lost.';

/** Whether weights keep to 7 bits; the reason goes to the report. */
async function reducedRange(step: QuantizeStep, { warn }: PassContext): Promise<boolean> {
  const { reduce, why } = await rangeAdvice(step.reduceRange);
  warn(why);
  const roundsCodes = step.repair?.some((name) => name === 'gptq' || name === 'adaptive-rounding') ?? false;
  if (reduce && roundsCodes && step.weights === 'int8') warn(ROUNDED_AGAIN);
  return reduce;
}

/** 8-bit weights of the whole range, all alike: what static quantization makes of itself. */
function isPlain({
  weights,
  encoding = 'affine',
  scales = 'minmax',
  overrides = [],
  repair = [],
}: QuantizeStep): boolean {
  const usual = weights === 'int8' && encoding === 'affine' && scales === 'minmax';
  return usual && overrides.length === 0 && repair.length === 0;
}

function nothingSmaller(model: Model, step: QuantizeStep, file: string): EdgewiseError {
  const nearest = nearestChoice(summarize(model), { version: 1, steps: [{ quantize: step }] });
  const offer = nearest === null ? 'Leave the model as it is' : `Try ${nearest}, or keep fewer layers`;
  return new EdgewiseError(
    'unsupported',
    `"${file}" has no weights that would become smaller this way: they are too small, kept, or compressed already. ${offer}.`,
    { file },
  );
}
