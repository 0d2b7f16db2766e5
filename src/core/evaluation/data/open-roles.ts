import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { DataSection, DataSource } from '../../recipe/recipe.schema';
import type { DataUsed } from '../report.schema';
import { readAlphabet } from './alphabet';
import { badData } from './complaint';
import type { DataSet } from './data-set';
import type { PreparedSet } from './prepared-set';
import type { InputTarget } from './raw-set';
import type { Roles, RolesOptions } from './roles';
import { openSource, sourceName } from './sources';
import { choose, LEARNING_SHARE, splitByRole } from './split';
import { subset } from './subset';

const DEFAULT_SEED = 1;
const DEFAULT_CALIBRATION_SAMPLES = 512;

/** A set and how it was chosen, in words. */
interface Chosen {
  readonly set: DataSet;
  readonly selection: string;
  /** Why it has no labels; null where it has some. */
  readonly unlabelled: string | null;
}

/**
 * `openRoles` with the model's inputs as targets.
 * @param statedClasses class names that the model's metadata list
 */
export async function openRolesOf(
  data: DataSection,
  base: string,
  targets: readonly InputTarget[],
  statedClasses: readonly string[] | null,
  options: RolesOptions,
): Promise<Roles> {
  const opener = new RolesOpener(data, base, targets, statedClasses, options);
  try {
    return await opener.open();
  } catch (error) {
    await opener.close();
    throw error;
  }
}

class RolesOpener {
  private readonly seed: number;
  private readonly calibrationSamples: number;
  private readonly opened: PreparedSet[] = [];
  private readonly splits: string[] = [];
  private alphabet: readonly string[] | null = null;

  constructor(
    private readonly data: DataSection,
    private readonly base: string,
    private readonly targets: readonly InputTarget[],
    private readonly statedClasses: readonly string[] | null,
    private readonly options: RolesOptions,
  ) {
    this.seed = data.seed ?? DEFAULT_SEED;
    this.calibrationSamples = options.calibrationSamples ?? DEFAULT_CALIBRATION_SAMPLES;
  }

  async open(): Promise<Roles> {
    const { alphabet } = this.data;
    if (alphabet !== undefined) this.alphabet = await readAlphabet(path.resolve(this.base, alphabet));
    const { all, train, calibration, test } = this.data;
    const shared = all ?? this.sharedSource();
    if (shared !== undefined && !this.options.whole) return this.splitSet(await this.openLimited(shared));
    const testSet = this.options.whole ? (test ?? all) : test;
    const first = this.options.training ? (train ?? calibration) : (calibration ?? train);
    const forChoosing = this.options.whole ? undefined : first;
    const chosen = forChoosing === undefined ? null : this.chooseFrom(await this.openLimited(forChoosing));
    return this.roles(
      chosen?.calibration ?? null,
      chosen?.selection ?? null,
      testSet === undefined ? null : await this.openLimited(testSet),
    );
  }

  async close(): Promise<void> {
    for (const set of this.opened) await set.close();
  }

  /** A file that is named both for choosing and for testing: it must be split, or the test would be what was chosen on. */
  private sharedSource(): DataSource | undefined {
    const { train, calibration, test } = this.data;
    if (test === undefined) return undefined;
    const chosenOn = [calibration, train].filter((source) => source !== undefined);
    const same = chosenOn.some((source) => this.place(source) === this.place(test) && sourceName(source) !== 'random');
    if (same) this.splits.push(`${sourceName(test)} is named for more than one role, so it is split.`);
    return same ? test : undefined;
  }

  private place(source: DataSource): string {
    const place = path.resolve(this.base, sourceName(source));
    // One file under two names is one set all the same.
    return existsSync(place) ? realpathSync(place) : place;
  }

  private async openLimited(source: DataSource): Promise<Chosen> {
    const set = await openSource(source, {
      base: this.base,
      targets: this.targets,
      classNames: this.data.labels ?? null,
      statedClasses: this.statedClasses,
      seed: this.seed,
      alphabet: this.alphabet,
      labelOffset: this.data.labelOffset ?? 0,
    });
    this.opened.push(set);
    const limit = typeof source === 'object' && 'path' in source ? source.limit : undefined;
    const whole: Chosen = { set, selection: 'all', unlabelled: set.unlabelled };
    if (limit === undefined || limit >= set.length) return whole;
    return this.part(whole, choose(set.length, limit, this.seed));
  }

  private part({ set, unlabelled }: Chosen, positions: Int32Array): Chosen {
    const selection = `${count(positions.length)} of ${count(set.length)}, seed ${this.seed}`;
    return { set: subset(set, positions), selection, unlabelled };
  }

  private splitSet({ set, unlabelled }: Chosen): Roles {
    const { calibration, selection, test } = splitByRole(
      set.length,
      this.seed,
      this.calibrationSamples,
      ...(this.options.training ? [LEARNING_SHARE] : []),
    );
    if (test.length === 0 || selection.length === 0) {
      throw badData(
        set.source,
        `"${set.source}" holds too few samples to split (${set.length}). Name a set for calibration and one for the test.`,
      );
    }
    const counts = `${count(calibration.length)} calibration, ${count(selection.length)} ${this.options.training ? 'training' : 'selection'}, ${count(test.length)} test`;
    const split = `split of ${set.source}, seed ${this.seed}: ${counts}`;
    this.splits.push(`S${split.slice(1)}.`);
    const part = (positions: Int32Array): Chosen => ({ set: subset(set, positions), selection: split, unlabelled });
    return this.roles(part(calibration), part(selection), part(test));
  }

  /** Calibration from a set, and what it leaves for selection. */
  private chooseFrom(chosen: Chosen): { calibration: Chosen; selection: Chosen | null } {
    const { set } = chosen;
    if (set.length <= this.calibrationSamples) return { calibration: chosen, selection: null };
    const positions = choose(set.length, this.calibrationSamples, this.seed);
    const taken = new Set(positions);
    const rest = Int32Array.from({ length: set.length }, (_, index) => index).filter((index) => !taken.has(index));
    const whole = chosen.selection === 'all' ? '' : `${chosen.selection}: `;
    const others = `${whole}all but ${count(positions.length)} for calibration, seed ${this.seed}`;
    const selection = positions.length === 0 ? chosen.selection : others;
    return {
      calibration: this.part(chosen, positions),
      selection: { ...chosen, set: subset(set, rest), selection },
    };
  }

  private roles(calibration: Chosen | null, selection: Chosen | null, test: Chosen | null): Roles {
    const used: DataUsed[] = [];
    if (this.options.training === true && selection !== null) used.push(usedAs('training', selection));
    if (calibration !== null) used.push(usedAs('calibration', calibration));
    if (test !== null) used.push(usedAs('test', test));
    return {
      calibration: calibration?.set ?? null,
      selection: selection?.set ?? null,
      test: test?.set ?? null,
      splits: this.splits,
      notes: [...new Set([...this.opened.flatMap(({ notes }) => notes), ...missingLabels(test)])],
      used,
      close: () => this.close(),
    };
  }
}

/** Labels matter to the test alone: calibration never looks at them. */
function missingLabels(test: Chosen | null): string[] {
  return test === null || test.unlabelled === null ? [] : [test.unlabelled];
}

function usedAs(role: DataUsed['role'], { set, selection }: Chosen): DataUsed {
  return { role, source: set.source, samples: set.length, selection };
}

function count(samples: number): string {
  return samples.toLocaleString('en-US');
}
