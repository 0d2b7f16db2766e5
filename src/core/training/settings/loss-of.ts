import type { DataSet } from '../../evaluation/data';
import { EdgewiseError } from '../../errors';
import type { Model } from '../../model/model';
import type { TrainStep } from '../../recipe/train.schema';
import { combined } from '../losses/combined';
import { binaryCrossEntropy, crossEntropy } from '../losses/cross-entropy';
import { cosineDistance, meanAbsolute, meanSquared, toTarget } from '../losses/distance';
import { lossFromGraph } from '../losses/from-graph';
import { targetOf, type Loss } from '../losses/loss';

type LossSettings = Pick<TrainStep, 'loss' | 'smoothing' | 'classWeights' | 'augment'>;
type NamedLoss = Exclude<NonNullable<TrainStep['loss']>, { graph: string }>;

/** A new loss is one function and one line here. @param outputs those that the data have targets for */
const LOSSES: Readonly<Record<NamedLoss, (settings: LossSettings, outputs: readonly string[]) => Loss>> = {
  'cross-entropy': ({ smoothing, classWeights, augment }) =>
    crossEntropy({
      ...(smoothing === undefined ? {} : { smoothing }),
      ...(classWeights === undefined ? {} : { classWeights }),
      mixup: augment?.mixup !== undefined,
    }),
  'binary-cross-entropy': () => binaryCrossEntropy(({ name }) => targetOf(name)),
  'squared-error': (_settings, outputs) => toTargets(outputs, meanSquared),
  'absolute-error': (_settings, outputs) => toTargets(outputs, meanAbsolute),
  cosine: (_settings, outputs) => toTargets(outputs, cosineDistance),
};

/** The mean over outputs, so that the learning rate need not know how many there are. */
function toTargets(outputs: readonly string[], distance: Parameters<typeof toTarget>[0]): Loss {
  return combined(outputs.map((output) => ({ loss: toTarget(distance, output), weight: 1 / outputs.length })));
}

/**
 * The loss that a step names, or that the data call for: cross-entropy with labels, squared error with targets.
 * @param readLoss reads the model that a loss is
 * @throws EdgewiseError `bad-data` where the data hold neither labels nor targets
 */
export async function lossOf(
  settings: LossSettings,
  set: DataSet,
  readLoss: (path: string) => Promise<Model>,
): Promise<Loss> {
  const { loss = lossFor(set) } = settings;
  if (typeof loss === 'object') return lossFromGraph(await readLoss(loss.graph), loss.graph);
  const targets = set.targets?.names ?? [];
  if (loss !== 'cross-entropy' && loss !== 'binary-cross-entropy' && targets.length === 0)
    throw new EdgewiseError(
      'bad-data',
      `"${set.source}" has no targets for the loss ${loss}. Save what outputs should be as arrays named target_<output>.`,
      { file: set.source },
    );
  return LOSSES[loss](settings, targets);
}

function lossFor(set: DataSet): NamedLoss {
  if (set.labels !== null) return 'cross-entropy';
  if ((set.targets?.names.length ?? 0) > 0) return 'squared-error';
  throw new EdgewiseError(
    'bad-data',
    `"${set.source}" has neither labels nor targets to train on. Name labelled data, or distil from a teacher, which needs none.`,
    { file: set.source },
  );
}
