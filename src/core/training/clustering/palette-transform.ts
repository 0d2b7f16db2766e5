import type { Node } from '../../model/model';
import { cast } from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import { float32, type Term } from '../graph/term';
import { gather } from '../graph/shaping';
import { SCALES } from '../quantization/variables';
import { courseSteps, type PruningCourse } from '../sparsity/gradual-level';
import { maskOf } from '../sparsity/mask-transform';
import { inPlaceOfWeights } from '../reading-weights';
import type { NamedValues, TrainingMoment, TrainingTransform } from '../transform';
import { clusterTable, nearestEntries } from './clusters';

export interface ClusterSettings {
  /** Of codes: a table has 2^bits values, or one less where zeros are left out. */
  readonly bits: number;
  /** The share of all steps after which members stay where they are. */
  readonly end: number;
  /** Where weights are pruned as well: zeros are no members, and all is found anew once the last of them are there. */
  readonly pruning: PruningCourse | null;
}

/**
 * Weights that share few values: each layer reads entries of a table, one for each weight. Entries learn with the
 * gradients of all their members summed (Han et al. 2016), and the weights behind them straight through; after each
 * epoch every weight joins the entry that is nearest to it.
 * @param starts weights that are clustered, with what they begin with
 */
export function paletteTransform(settings: ClusterSettings, starts: NamedValues): TrainingTransform {
  const entries = 2 ** settings.bits - (settings.pruning ? 1 : 0);
  const tables = new Map([...starts].map(([name, start]) => [name, clusterTable(membersOf(start, settings), entries)]));
  const tableIn = (values: NamedValues, name: string): Float32Array =>
    values.get(tableOf(name)) ?? tables.get(name) ?? new Float32Array(0);
  const firstCodes = new Map([...starts].map(([name, start]) => [name, nearestEntries(start, tableIn(starts, name))]));
  return {
    name: 'clustering',
    operands: inPlaceOfWeights((name, weight, { build, ...scope }) => {
      const [table, codes] = [tables.get(name), firstCodes.get(name)];
      if (!table || !codes) return null;
      const learned = scope.learned(tableOf(name), [table.length], table, SCALES);
      const members = scope.running(codesOf(name), weight.shape, codes);
      return through(build, weight, gather(build, learned, cast(build, members, 'int64'), 0));
    }),
    adjust(moment, values) {
      const isAnew = settings.pruning !== null && moment.step === courseSteps(settings.pruning, moment.total).last;
      if (!isAnew && !isDue(moment, settings)) return null;
      const changes = new Map<string, Float32Array>();
      for (const [name, start] of starts) {
        const weight = values.get(name) ?? start;
        const mask = values.get(maskOf(name));
        const table = isAnew
          ? clusterTable(
              weight.filter((_, at) => mask?.[at] !== 0),
              entries,
            )
          : tableIn(values, name);
        if (isAnew) changes.set(tableOf(name), table);
        changes.set(codesOf(name), nearestEntries(weight, table));
      }
      return changes;
    },
    settled: (values) =>
      new Map(
        [...starts.keys()].map((name) => {
          const table = tableIn(values, name);
          const codes = values.get(codesOf(name)) ?? firstCodes.get(name) ?? new Float32Array(0);
          return [name, codes.map((code) => table[code] ?? 0)];
        }),
      ),
  };
}

const membersOf = (values: Float32Array, { pruning }: ClusterSettings): Float32Array =>
  pruning ? values.filter((value) => value !== 0) : values;

const isDue = ({ step, total, stepsPerEpoch }: TrainingMoment, { end }: ClusterSettings): boolean =>
  step > 0 && step <= end * total && step % stepsPerEpoch === 0;

/** An entry, whose gradient the weight gets, too. */
function through(build: GraphBuilder, weight: Term, entry: Term): Term {
  const node: Node = {
    ...{ name: 'Palette', opType: 'Palette', domain: '', inputs: [], outputs: [] },
    ...{ attributes: new Map(), metadata: new Map() },
  };
  const forward = (): Term[] => [build.one('Identity', [entry], float32(weight.knownShape))];
  const [y = entry] = build.primitive(node, [weight, entry], forward, ({ gradients: [dy] }) => [
    dy ?? null,
    dy ?? null,
  ]);
  return y;
}

const tableOf = (weight: string): string => `${weight}:table`;
const codesOf = (weight: string): string => `${weight}:members`;
