import path from 'node:path';
import { compressCommand } from '../../recipe/to-command';
import { rebasePath, rebaseRecipe } from '../../recipe/rebase';
import type { Recipe } from '../../recipe/recipe.schema';
import { quantizeSteps, trainSteps } from '../../recipe/step-kinds';
import { processorName } from '../../runtime/processor';
import { defaultThreads } from '../../runtime/threads';
import type { Measurement } from '../measurement.schema';
import { REPORT_VERSION, type DataUsed, type FrontPoint, type Report } from '../report.schema';
import { nextSteps } from './next-steps';
import { speedOf } from './speed';
import { verdict } from './verdict';

/** What a job found out; paths are absolute. */
export interface ReportFacts {
  source: string;
  /** Where the output is, or would have been. */
  output: string;
  /** False when a target was missed and nothing was kept. */
  kept: boolean;
  reportPath: string;
  hashes: Report['hashes'];
  before: Measurement;
  after: Measurement;
  paired: Report['paired'];
  target: Report['target'];
  layers: Report['layers'];
  activations?: Report['activations'];
  distributions?: Report['distributions'];
  training?: Report['training'];
  teachers?: Report['teachers'];
  /** What a search tried. */
  front?: readonly FrontPoint[];
  /** The original on the same samples. */
  frontOriginal?: Report['frontOriginal'];
  changed: Report['changed'];
  others: Report['others'];
  /** Sources relative to the report's folder. */
  data: readonly DataUsed[];
  /** True where the samples are pictures. */
  pictures: boolean;
  warnings: readonly string[];
  recipe: Recipe;
  /** The folder that the recipe's paths are relative to. */
  base: string;
  recipeFile?: string | undefined;
  versions: Report['versions'];
  /** True when the caller named the output. */
  outputNamed: boolean;
}

/** The report of a job: paths in it, its recipe and its commands are relative to the folder that it lies in. */
export function buildReport(facts: ReportFacts): Report {
  const { before, after, paired, layers, changed, kept } = facts;
  const folder = path.dirname(facts.reportPath);
  const relative = (file: string): string => rebasePath(file, folder, folder);
  const recipe = rebaseRecipe(facts.recipe, facts.base, folder);
  const source = relative(facts.source);
  const output = kept ? relative(facts.output) : null;
  return {
    kind: 'edgewise.report',
    version: REPORT_VERSION,
    created: new Date().toISOString(),
    verdict: verdict({ before, after, paired, unit: facts.pictures ? 'images' : 'samples' }),
    source,
    output,
    hashes: { ...facts.hashes, output: kept ? facts.hashes.output : null },
    before,
    after,
    paired,
    ...speed(before, after),
    target: facts.target,
    layers,
    ...(facts.training === undefined ? {} : { training: facts.training }),
    ...present({ activations: facts.activations, distributions: facts.distributions, front: facts.front?.slice() }),
    ...(facts.frontOriginal === undefined ? {} : { frontOriginal: facts.frontOriginal }),
    ...(facts.teachers === undefined ? {} : { teachers: facts.teachers }),
    changed,
    next: nextSteps({
      ...{ before, after, paired, layers, changed: changed.total, source, output, recipe },
      ...{ training: facts.training, teachers: facts.teachers, pictures: facts.pictures },
    }),
    others: facts.others,
    data: rolesThatServed(facts),
    warnings: [...facts.warnings],
    recipe,
    command: commandOf(facts, source, recipe, relative),
    versions: facts.versions,
    machine: machine(),
  };
}

function speed(before: Measurement, after: Measurement): Pick<Report, 'speed'> {
  const found = speedOf(before, after);
  return found === null ? {} : { speed: found };
}

type Optional = Pick<Report, 'activations' | 'distributions' | 'front'>;

/** Lists that hold something: reports without them are as before. */
function present(lists: { [K in keyof Optional]: Optional[K] | undefined }): Optional {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined && list.length > 0));
}

/** A set for calibration is opened for every recipe; where no step has activations to calibrate, nothing looked at it. */
function rolesThatServed({ data, recipe }: ReportFacts): DataUsed[] {
  const calibrated =
    trainSteps(recipe.steps).some(({ quantize }) => quantize !== undefined && quantize.activations !== 'float32') ||
    quantizeSteps(recipe.steps).some(({ activations, repair = [] }) => /^uint/.test(activations) || repair.length > 0);
  return calibrated ? [...data] : data.filter(({ role }) => role !== 'calibration');
}

function commandOf(facts: ReportFacts, source: string, recipe: Recipe, relative: (file: string) => string): string {
  const output = facts.outputNamed ? { output: relative(facts.output) } : {};
  // Where neither flags nor a recipe file say it all, the report itself carries the recipe.
  const recipeFile = relative(facts.recipeFile ?? facts.reportPath);
  const preferFile = facts.recipeFile !== undefined;
  return compressCommand(source, recipe, { ...output, recipeFile, preferFile }) ?? '';
}

function machine(): Report['machine'] {
  return {
    processor: processorName(),
    platform: `${process.platform}-${process.arch}`,
    threads: defaultThreads(),
  };
}
