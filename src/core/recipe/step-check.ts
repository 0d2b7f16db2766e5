import { EdgewiseError } from '../errors';
import type { QuantizeStep } from './recipe.schema';
import { encodingOfStep, overridden, type WeightOptions } from '../compression/encodings/step-scheme';

/**
 * Refuses combinations of options that are each allowed and make no sense together.
 * @throws EdgewiseError `bad-recipe` with what to use instead
 */
export function checkStep(step: QuantizeStep): void {
  checkWeights(step);
  for (const override of step.overrides ?? []) checkWeights(overridden(step, override));
  if (step.activations !== 'float32') checkStatic(step);
  else if (step.ranges !== undefined) throw refused('ranges are those of activations. Add activations: uint8.');
  if (step.compute === 'float16' && step.weights !== 'float16')
    throw refused(`float16 arithmetic does not go with ${step.weights} weights. Use weights: float16.`);
  if (step.ends === 'float16' && step.compute !== 'float16')
    throw refused('ends: float16 goes with float16 arithmetic. Add compute: float16.');
  const changes = step.weights !== 'float32' || (step.sparsity ?? 0) > 0 || (step.overrides ?? []).length > 0;
  if (!changes) throw refused('weights: float32 changes nothing. Use fewer bits, or a sparsity above 0.');
}

function checkWeights(options: WeightOptions): void {
  const { weights, granularity, block, group, encoding } = options;
  const palette = encodingOfStep(options) === 'palette';
  const isFloat = !weights.startsWith('int');
  if (isFloat && encoding === 'palette')
    throw refused(`encoding: palette does not go with ${weights} weights. Use int8 or fewer bits.`);
  if (!palette && ['int6', 'int5', 'int1'].includes(weights))
    throw refused(`there are no affine codes of ${weights}. Use int8, int4, int3 or int2, or encoding: palette.`);
  if (palette && granularity === 'block')
    throw refused('a palette is shared by a tensor or a group of channels, not by a block. Use granularity: group.');
  if (!palette && !isFloat && granularity === 'group')
    throw refused('only palettes are shared by a group. Use granularity: channel, tensor or block.');
  if (block !== undefined && granularity !== 'block')
    throw refused(`block: ${block} does not go with granularity: ${granularity}. Use granularity: block.`);
  if (group !== undefined && granularity !== 'group')
    throw refused(`group: ${group} does not go with granularity: ${granularity}. Use granularity: group.`);
}

/** What integer kernels take: codes of up to 8 bits, one scale a channel or tensor. */
function checkStatic(step: QuantizeStep): void {
  const { weights, activations, granularity, sparsity = 0, symmetric = true } = step;
  const what = `${activations} activations`;
  if (!weights.startsWith('int'))
    throw refused(`${what} need integer weights. Use weights: int8 or fewer bits, or activations: float32.`);
  if (activations === 'dynamic' && (weights !== 'int8' || encodingOfStep(step) === 'palette'))
    throw refused('dynamic activations go with affine int8 weights. Use weights: int8.');
  if (activations === 'dynamic' && step.ranges !== undefined)
    throw refused('dynamic activations have their range at each run. Leave ranges out, or use activations: uint8.');
  if (granularity !== 'channel' && granularity !== 'tensor')
    throw refused(`${what} need weights with a scale a channel or a tensor. Use granularity: channel.`);
  if (sparsity > 0) throw refused(`${what} do not go with sparse weights. Use activations: float32.`);
  if (!symmetric) throw refused(`${what} need symmetric weights. Use symmetric: true.`);
}

function refused(why: string): EdgewiseError {
  return new EdgewiseError('bad-recipe', `The recipe has a step that cannot be carried out: ${why}`);
}
