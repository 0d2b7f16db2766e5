import { summarize } from '../../analysis/summary';
import { openWeights } from '../../formats/weight-reader';
import type { QuantizeStep } from '../../recipe/recipe.schema';
import { Combinations } from './combinations';
import { measureDamages } from './damage-table';
import { canRepair, RANKING_SAMPLES, samplesFor, spacingFor, STEPS, WHOLE_SAMPLES } from './effort';
import { openGauge } from './open-gauge';
import { optionsOf } from './options';
import { meetsDrop, outcomeOf } from './outcome';
import { stepWith } from './recipe-of';
import type { SearchRequest, SearchResult } from './request';
import { RUNGS, WHOLE_MODEL, type Rung } from './rungs';
import { searchSmallest } from './smallest';
import { SearchState } from './state';
import { Trials } from './trials';
import { searchWithin } from './within-size';

export type { FrontPoint, SearchRequest, SearchResult, SearchTarget, StepBuilder } from './request';

/** Combinations that a search usually takes, for telling progress. */
const USUAL_TRIALS = 24;

/**
 * Chooses an encoding for each layer, so that the file is the smallest that keeps the metric within a drop, or the best
 * within a size. First a few encodings for the whole model; then what each layer bears alone, in every encoding that
 * makes it smaller, by how far the model's outputs move on a few samples, repaired where that pays; then combinations
 * that this table suggests, each made and measured on all selection samples. Without labels, agreement with the original
 * takes accuracy's place; models without classes go by their data's targets, or else by similarity to the original.
 * What was measured is kept in the state file until the search is done.
 * @throws EdgewiseError `unsupported` where nothing tells how good outputs are, `cancelled`, `runtime`, `bad-data`
 */
export async function searchEncodings(request: SearchRequest): Promise<SearchResult> {
  const state = await SearchState.open(request.state);
  try {
    const result = await search(request, state);
    await state.remove();
    return result;
  } catch (error) {
    await state.flush();
    throw error;
  }
}

async function search(request: SearchRequest, state: SearchState): Promise<SearchResult> {
  const { macs } = summarize(request.model);
  const gauge = await openGauge(request, samplesFor(USUAL_TRIALS, macs, WHOLE_SAMPLES), request.unseen);
  const trials = new Trials(request, gauge, state, USUAL_TRIALS);
  for (const rung of rungsFor(request, WHOLE_MODEL))
    await trials.of({ step: stepWith(request.step, rung), name: rung.name });
  const { step, remarks } = repairing(request, macs);
  const combinations = await measuredCombinations(request, step, macs, state);
  const { target } = request;
  const patience = step === request.step ? STEPS.usual : STEPS.repaired;
  if (target.maxDrop === undefined && target.maxSize !== undefined)
    await searchWithin(combinations, trials, target.maxSize, request.bytes);
  else await searchSmallest(combinations, trials, (trial) => meetsDrop(trial, target), patience);
  return outcomeOf(request, trials, gauge, remarks);
}

/** What combinations have beside their choices: with repairs where they are affordable. */
function repairing(request: SearchRequest, macs: number | null): { step: QuantizeStep; remarks: string[] } {
  const { model, step, repairs = [] } = request;
  const wanted = step.activations === 'float32' ? repairs.filter((name) => !step.repair?.includes(name)) : [];
  if (wanted.length === 0) return { step, remarks: [] };
  if (!canRepair(model, macs, step.samples))
    return {
      step,
      remarks: [
        `Encodings were searched without ${wanted.join(' and ')}, which would take too long for a model of this size. The report's recipe with repair: [${wanted.join(', ')}] can win accuracy back.`,
      ],
    };
  return { step: { ...step, repair: [...(step.repair ?? []), ...wanted] }, remarks: [] };
}

async function measuredCombinations(
  request: SearchRequest,
  step: QuantizeStep,
  macs: number | null,
  state: SearchState,
): Promise<Combinations> {
  const weights = await openWeights(request.model);
  try {
    const options = await optionsOf(request, weights, rungsFor(request, RUNGS), spacingFor(macs));
    const runs = options.reduce((sum, unit) => sum + unit.options.length, 0);
    const ranking = await openGauge(request, samplesFor(runs, macs, RANKING_SAMPLES));
    return new Combinations(await measureDamages(request, options, step, ranking, state), step);
  } finally {
    await weights.close();
  }
}

/** With activations in integers, weights are 8-bit codes or stay. */
function rungsFor({ step }: SearchRequest, rungs: readonly Rung[]): readonly Rung[] {
  return step.activations === 'float32' ? rungs : rungs.filter(({ options }) => isStatic(options));
}

function isStatic({ weights, granularity }: Rung['options']): boolean {
  return weights === 'int8' && granularity === 'channel';
}
