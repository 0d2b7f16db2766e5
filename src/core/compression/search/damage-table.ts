import { encodeOnnx } from '../../formats/onnx/encode';
import { throwIfCancelled } from '../../progress';
import type { Option } from './knapsack';
import type { UnitOption, UnitOptions } from './options';
import type { Bench } from './original';
import type { SearchRequest } from './request';
import type { Rung } from './rungs';
import type { SearchState, Shift } from './state';
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

/**
 * What each option does to the model's answers, alone: the whole model is run with that unit encoded, as its file would
 * hold it.
 * @throws EdgewiseError `cancelled`, `runtime`
 */
export async function measureDamages(
  request: SearchRequest,
  units: readonly UnitOptions[],
  bench: Bench,
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
      job.progress({ stage: 'Measuring what layers bear', done: done + index, total, unit: 'runs' });
      const key = `${unit.layers.join('\n')}\n${option.rung.name}`;
      const { damage, changed } = await state.shift(key, () => shiftOf(request, option, bench));
      kept.push({ rung: option.rung, bytes: option.bytes, damage });
      hopeless = changed > HOPELESS ? hopeless + 1 : 0;
      if (hopeless === HOPELESS_IN_A_ROW) break;
    }
    done += options.length;
    measured.push({ unit, options: kept });
  }
  job.progress({ stage: 'Measuring what layers bear', done, total, unit: 'runs' });
  return measured;
}

async function shiftOf({ builder, job }: SearchRequest, { tensors }: UnitOption, bench: Bench): Promise<Shift> {
  // Encoding reports its own bytes, which would take turns with the runs.
  const bytes = await encodeOnnx(builder.stored(tensors), { signal: job.signal, progress: () => undefined });
  const scores = await bench.scores(bytes);
  return { damage: bench.judge.damage(scores), changed: bench.judge.changed(scores) };
}
