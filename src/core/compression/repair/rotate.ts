import { openWeights } from '../../formats/weight-reader';
import type { Model } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { WeightPlan } from '../encodings/scheme';
import { constantsToWeights } from '../quantization/static/preparation/constants';
import { Breather } from './breather';
import type { RepairContext, Repaired, RepairPass } from './repair';
import { withoutScales } from './rotation/absorb-normalizations';
import { findHeads } from './rotation/find-heads';
import { findStreams } from './rotation/find-streams';
import { GraphFacts } from './rotation/graph-facts';
import { rotateAxis } from './rotation/rotate-axis';
import { meanKeepingRotation, spreadingRotation, type Rotation } from './rotation/rotation';
import { RotatedStatistics } from './rotation/rotated-statistics';
import { roundsBetter, type Rounding } from './rotation/rounds-better';
import type { Space } from './rotation/space';
import { WeightEdits } from './weight-edits';

/** Where the random signs and orders begin: the same model is always rotated alike. */
const SEED = 1;

export const rotate: RepairPass = {
  name: 'rotate',
  title: 'Rotating channels',
  needs: 'nothing',
  keepsFunction: true,
  run: rotateChannels,
};

/**
 * Rotation that layers absorb (QuaRot, Ashkboos and others 2024; SliceGPT, Ashkboos and others 2024): channels between
 * layers are multiplied by an orthogonal matrix in the layer that writes them and by its transpose in the one that reads
 * them, so that a channel that stands out is spread over all. Scales of normalizations go into the layers that read
 * them. A float model computes the same, with the same operators.
 */
async function rotateChannels(given: Model, plan: WeightPlan, context: RepairContext): Promise<Repaired> {
  const prepared = constantsToWeights(given);
  const rotations = new Rotations();
  const { spaces, reason } = plannedSpaces(prepared, plan, rotations);
  const reader = await openWeights(prepared);
  const breather = new Breather(context.job.signal);
  try {
    const chosen = await chosenSpaces(spaces, rotations, { plan, reader, breather }, context);
    if (chosen.length === 0) {
      context.warn(spaces.length === 0 ? nothingToRotate(reason) : WORSE);
      return { model: given, plan };
    }
    const bare = await withoutScales(
      prepared,
      chosen.flatMap(({ normalizations }) => normalizations),
      reader,
    );
    const keys = new Set(chosen.map(keyOf));
    // Layers may have got biases, which are rotated with them.
    const again = plannedSpaces(bare, plan, rotations).spaces.filter((space) => keys.has(keyOf(space)));
    const edits = new WeightEdits(bare, reader);
    const statistics = new RotatedStatistics(bare, context.statistics, breather);
    for (const [done, space] of again.entries()) {
      context.job.progress({ stage: rotate.title, done, total: again.length, unit: 'steps' });
      const rotation = rotations.of(space);
      if (rotation === null) continue;
      await rotateSpace(space, rotation, edits, breather);
      await statistics.rotate(space, rotation);
    }
    return { model: edits.result(), plan, statistics: statistics.result };
  } finally {
    await reader.close();
  }
}

const WORSE =
  'Rotating changed nothing: no channels stand out, so that weights would lose more by rounding than they do as they are.';

function nothingToRotate(reason: string | null): string {
  return `Rotating changed nothing: no two layers have only what a rotation goes through between them${reason === null ? '' : ` (${reason})`}.`;
}

/**
 * The spaces whose weights round better once they are rotated. Where activations have codes too all are: their channels
 * are what rotation was made for, and only samples could tell.
 */
async function chosenSpaces(
  spaces: readonly Space[],
  rotations: Rotations,
  rounding: Rounding,
  { quantizesActivations, job }: RepairContext,
): Promise<Space[]> {
  if (quantizesActivations) return [...spaces];
  const chosen: Space[] = [];
  for (const [done, space] of spaces.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'Trying rotations', done, total: spaces.length, unit: 'steps' });
    const rotation = rotations.of(space);
    if (rotation !== null && (await roundsBetter(space, rotation, rounding))) chosen.push(space);
  }
  return chosen;
}

/** What a space is known by also after biases were added: the first weight that it rotates. */
function keyOf({ sides }: Space): string {
  const [first] = sides;
  return `${first?.weight.name} ${first?.axis} ${first?.starts[0]}`;
}

/** The spaces that weights of the plan are in; where there are none, why the first that was begun is none. */
function plannedSpaces(
  model: Model,
  plan: WeightPlan,
  rotations: Rotations,
): { spaces: Space[]; reason: string | null } {
  const facts = new GraphFacts(model);
  if (facts.index.cyclic) return { spaces: [], reason: null };
  const streams = findStreams(facts);
  const found = streams.flatMap((each) => ('space' in each ? [each.space] : []));
  const spaces = [...found, ...findHeads(facts)].filter(
    (space) => space.sides.some(({ weight }) => hasCodes(weight.name, plan)) && rotations.of(space) !== null,
  );
  const refused = streams.find((each) => 'reason' in each);
  return { spaces, reason: refused !== undefined && 'reason' in refused ? refused.reason : null };
}

function hasCodes(name: string, plan: WeightPlan): boolean {
  const scheme = plan.get(name);
  return scheme !== undefined && scheme.kind !== 'dense';
}

/** Spaces of one size and kind share a rotation. */
class Rotations {
  private readonly made = new Map<string, Rotation | null>();

  /** Null for sizes that would take too long. */
  of({ size, keepsMean }: Space): Rotation | null {
    const key = `${size} ${keepsMean}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const rotation = keepsMean ? meanKeepingRotation(size, SEED) : spreadingRotation(size, SEED);
    this.made.set(key, rotation);
    return rotation;
  }
}

async function rotateSpace(
  { sides }: Space,
  rotation: Rotation,
  edits: WeightEdits,
  breather: Breather,
): Promise<void> {
  for (const { weight, axis, starts } of sides) {
    await edits.edit(weight, (values) => rotateAxis(values, weight.shape, axis, starts, rotation, breather));
  }
}
