import { summarize } from '../../analysis/summary';
import { EdgewiseError } from '../../errors';
import { openWeights } from '../../formats/weight-reader';
import { Combinations } from './combinations';
import { measureDamages } from './damage-table';
import { RANKING_SAMPLES, samplesFor, spacingFor, WHOLE_SAMPLES } from './effort';
import { optionsOf } from './options';
import { openBench } from './original';
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
 * Chooses an encoding for each layer, so that the file is the smallest that keeps accuracy within a drop, or the most
 * accurate within a size. First a few encodings for the whole model; then what each layer bears alone, in every
 * encoding that makes it smaller, by the divergence of the model's answers on a few samples; then combinations that
 * this table suggests, each made and measured on all selection samples. Without labels, agreement with the original
 * takes accuracy's place. What was measured is kept in the state file until the search is done.
 * @throws EdgewiseError `unsupported` for models without class scores, `cancelled`, `runtime`, `bad-data`
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
  const whole = await openBench(request, samplesFor(USUAL_TRIALS, macs, WHOLE_SAMPLES));
  const trials = new Trials(request, whole, state, USUAL_TRIALS);
  await tryWholeModel(request, trials);
  const combinations = await measuredCombinations(request, macs, state);
  const { target } = request;
  if (target.maxDrop === undefined && target.maxSize !== undefined)
    await searchWithin(combinations, trials, target.maxSize, request.bytes);
  else await searchSmallest(combinations, trials, (trial) => meetsDrop(trial, target));
  return outcomeOf(request, trials, whole);
}

/** A first front. */
async function tryWholeModel(request: SearchRequest, trials: Trials): Promise<void> {
  for (const rung of rungsFor(request, WHOLE_MODEL)) {
    try {
      await trials.of(stepWith(request.step, rung), rung.name);
    } catch (error) {
      // Nothing gets smaller by it, or the file cannot hold it: no candidate.
      if (!EdgewiseError.is(error, 'unsupported')) throw error;
    }
  }
}

async function measuredCombinations(
  request: SearchRequest,
  macs: number | null,
  state: SearchState,
): Promise<Combinations> {
  const weights = await openWeights(request.model);
  try {
    const options = await optionsOf(request, weights, rungsFor(request, RUNGS), spacingFor(macs));
    const runs = options.reduce((sum, unit) => sum + unit.options.length, 0);
    const ranking = await openBench(request, samplesFor(runs, macs, RANKING_SAMPLES));
    return new Combinations(await measureDamages(request, options, ranking, state));
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
