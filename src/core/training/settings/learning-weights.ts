import { layersOf } from '../../analysis/layers';
import { EdgewiseError } from '../../errors';
import { quoted } from '../../formats/file-errors';
import type { Model, Node, Weight } from '../../model/model';
import type { TrainStep } from '../../recipe/train.schema';
import { trainableWeights, type Trainable } from '../trainable';

/** Operators whose parameters are scales and shifts. */
const NORMS = new Set([
  ...['BatchNormalization', 'LayerNormalization', 'InstanceNormalization', 'GroupNormalization'],
  ...['SimplifiedLayerNormalization', 'RMSNormalization', 'PRelu'],
]);
/** A weight of fewer dimensions scales or shifts channels: biases, norms written out as Mul and Add. */
const MATRIX_DIMENSIONS = 2;

/**
 * The weights that a step lets learn.
 * @param frozen layers that the step names, already looked up
 * @throws EdgewiseError `bad-recipe` when nothing is left
 */
export function learningWeights(
  model: Model,
  { only }: Pick<TrainStep, 'only'>,
  frozen: ReadonlySet<string>,
  file: string,
): Trainable {
  const { learned, running } = trainableWeights(model);
  const layerOf = new Map<string, string>();
  for (const { name, node } of layersOf(model)) for (const input of node.inputs) layerOf.set(input, name);
  const free = learned.filter(({ name }) => !frozen.has(layerOf.get(name) ?? ''));
  const chosen = free.filter((weight) => CHOICES[only](weight, model, free));
  if (chosen.length > 0) return { learned: chosen, running };
  throw new EdgewiseError(
    'bad-recipe',
    learned.length === 0
      ? `${quoted(file)} has no float32 weights that could learn. Train the float model, and compress what comes of it.`
      : `All layers of ${quoted(file)} are frozen, so nothing would be trained. Freeze fewer.`,
    { file },
  );
}

type Choice = (weight: Weight, model: Model, free: readonly Weight[]) => boolean;

const CHOICES: Readonly<Record<TrainStep['only'], Choice>> = {
  all: () => true,
  norms: (weight, model) =>
    weight.shape.length < MATRIX_DIMENSIONS || readers(model, weight).some(({ opType }) => NORMS.has(opType)),
  last: (weight, model, free) => {
    const last = lastMatrix(model, free);
    return last !== undefined && readers(model, weight).some((node) => last.includes(node));
  },
};

const readers = ({ graph }: Model, { name }: Weight): Node[] =>
  graph.nodes.filter(({ inputs }) => inputs.includes(name));

/** The nodes that read the last weight with two dimensions or more, and what directly follows: a bias of its own. */
function lastMatrix(model: Model, free: readonly Weight[]): readonly Node[] | undefined {
  const matrices = new Set(free.filter(({ shape }) => shape.length >= MATRIX_DIMENSIONS).map(({ name }) => name));
  const last = [...model.graph.nodes].reverse().find(({ inputs }) => inputs.some((input) => matrices.has(input)));
  if (last === undefined) return undefined;
  const after = model.graph.nodes.filter(({ inputs }) => inputs.some((input) => last.outputs.includes(input)));
  return [last, ...after];
}
