import { quantizeStatic } from '../compression/quantization/static';
import { EdgewiseError } from '../errors';
import type { DataSet } from '../evaluation/data';
import { formatOf } from '../formats';
import { openWeights } from '../formats/weight-reader';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import { needsReducedRange } from '../runtime/processor';
import type { QuantizeStep, RecipeStep } from './recipe.schema';
import { encodedByStep } from './weight-pass';
import { keptLayers } from './weight-plan';

/** What a pass works with beside the model. */
export interface PassContext {
  readonly job: JobContext;
  /** What sentences call the model. */
  readonly file: string;
  readonly calibration: DataSet | null;
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
  readonly needsCalibration: boolean;
  run(model: Model, step: QuantizeStep, context: PassContext): Promise<PassResult>;
}

const encodedWeights: Pass = {
  title: 'encoded weights',
  takes: (step) => step.activations === 'float32',
  needsCalibration: false,
  run: encoded,
};

const staticInt8: Pass = {
  title: 'static int8',
  takes: (step) => step.weights === 'int8' && step.activations === 'uint8',
  needsCalibration: true,
  run: calibrated,
};

/** Every pass. A new one is one line. */
const PASSES: readonly Pass[] = [encodedWeights, staticInt8];

/**
 * The pass that carries out a step.
 * @throws EdgewiseError `bad-recipe` for a combination that none does
 */
export function passOf({ quantize }: RecipeStep): Pass {
  const pass = PASSES.find(({ takes }) => takes(quantize));
  if (pass) return pass;
  throw new EdgewiseError(
    'bad-recipe',
    `There is no step with ${quantize.weights} weights and ${quantize.activations} activations; use float32 activations with ${quantize.weights} weights.`,
  );
}

async function calibrated(model: Model, step: QuantizeStep, context: PassContext): Promise<PassResult> {
  const { calibration, job, file } = context;
  if (calibration === null)
    throw new EdgewiseError('usage', `Quantizing activations of ${file} needs samples for calibration.`, { file });
  const { granularity, samples } = step;
  const keep = [...keptLayers(model, step, file)];
  const reduceRange = step.reduceRange === 'auto' ? await needsReducedRange() : step.reduceRange;
  const options = { calibration, granularity: coarse(granularity), keep, samples, reduceRange, context: job };
  const { model: quantized, reference, warnings } = await quantizeStatic(model, options);
  for (const warning of warnings) context.warn(warning);
  if (reduceRange) context.warn('Weights have 7 bits: sums of 8-bit products saturate on x86 processors without VNNI.');
  return { model: quantized, reference };
}

/** The plan decides values; the model's format says how they are stored. */
async function encoded(
  model: Model,
  step: QuantizeStep,
  { job, file, warn, whenWritten }: PassContext,
): Promise<PassResult> {
  const weights = await openWeights(model);
  whenWritten(() => weights.close());
  const tensors = await encodedByStep(model, weights, step, { file, warn, signal: job.signal });
  if (tensors.size === 0) throw nothingSmaller(file);
  return { model: formatOf(model.format).encodings.store(model, tensors), reference: model };
}

function nothingSmaller(file: string): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `"${file}" has no weights that would become smaller this way: they are too small, kept, or compressed already. Choose another technique, or leave the model as it is.`,
    { file },
  );
}

function coarse(granularity: QuantizeStep['granularity']): 'channel' | 'tensor' {
  return granularity === 'tensor' ? 'tensor' : 'channel';
}
