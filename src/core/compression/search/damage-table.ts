import { EdgewiseError } from '../../errors';
import { throwIfCancelled } from '../../progress';
import type { QuantizeStep } from '../../recipe/recipe.schema';
import { MOST_DAMAGE, type Gauge, type Shift } from './gauge';
import type { Option } from './knapsack';
import type { UnitOptions } from './options';
import { stepOf } from './recipe-of';
import type { SearchRequest } from './request';
import { isCoarse, type Rung } from './rungs';
import type { SearchState } from './state';
import type { Unit } from './units';

/** What can be chosen for a unit, with what it was measured to do; the first is leaving it as it is. */
export interface MeasuredUnit {
  readonly unit: Unit;
  readonly options: readonly (Option & { readonly rung: Rung | null })[];
}

/** A unit that alone changes this share of the answers is no longer tried with fewer bits. */
const HOPELESS = 0.25;
/** That many in a row, since a rung with fewer bytes sometimes does less damage. */
const HOPELESS_IN_A_ROW = 2;

const STAGE = 'Measuring what layers bear';

/**
 * What each option does to the model's answers, alone: the whole model is run with that unit encoded, as its file would
 * hold it.
 * @param step what combinations will have beside their choices: where it repairs, so is what is measured
 * @throws EdgewiseError `cancelled`, `runtime`
 */
export async function measureDamages(
  request: SearchRequest,
  units: readonly UnitOptions[],
  step: QuantizeStep,
  gauge: Gauge,
  state: SearchState,
): Promise<MeasuredUnit[]> {
  const { job } = request;
  const total = units.reduce((sum, { options }) => sum + options.length, 0);
  let done = 0;
  const measured: MeasuredUnit[] = [];
  for (const { unit, options } of units) {
    const kept: MeasuredUnit['options'][number][] = [{ rung: null, bytes: 0, damage: 0 }];
    let hopeless = 0;
    for (const [index, option] of options.entries()) {
      throwIfCancelled(job.signal);
      job.progress({ stage: STAGE, done: done + index, total, unit: 'runs' });
      // Finer codes leave nothing to repair that could be measured.
      const repairs = isCoarse(option.rung) ? (step.repair ?? []) : [];
      const key = [...unit.layers, option.rung.name, ...repairs].join('\n');
      const { damage, changed } = await state.shift(key, () =>
        repairs.length === 0
          ? gauge.shift(request.builder.stored(option.tensors))
          : repairedShift(request, stepFor(step, units, unit, option.rung), gauge),
      );
      kept.push({ rung: option.rung, bytes: option.bytes, damage });
      hopeless = changed > HOPELESS ? hopeless + 1 : 0;
      if (hopeless === HOPELESS_IN_A_ROW) break;
    }
    done += options.length;
    measured.push({ unit, options: kept });
  }
  job.progress({ stage: STAGE, done: total, total, unit: 'runs' });
  return measured;
}

/** The step that encodes one unit alone. */
function stepFor(step: QuantizeStep, units: readonly UnitOptions[], one: Unit, rung: Rung): QuantizeStep | null {
  return stepOf(
    step,
    units.map(({ unit }) => ({ unit, rung: unit === one ? rung : null })),
  );
}

async function repairedShift({ builder }: SearchRequest, step: QuantizeStep | null, gauge: Gauge): Promise<Shift> {
  if (step === null) return NO_CANDIDATE;
  try {
    return await builder.build(step, (made) => gauge.shift(made));
  } catch (error) {
    // Once repaired, nothing gets smaller by it.
    if (EdgewiseError.is(error, 'unsupported')) return NO_CANDIDATE;
    throw error;
  }
}

const NO_CANDIDATE: Shift = { damage: MOST_DAMAGE, changed: 1 };
