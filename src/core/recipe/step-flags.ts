import { orList } from './allowed';
import { dropUndefined, numberFlag, usage } from './flag-values';
import type { StepFlags } from './flags';
import { flagsOfOverrides, overridesFromFlags } from './layer-flags';
import { quantizeSchema, type QuantizeStep } from './recipe.schema';
import { isTargetName, stepOf, TARGET_NAMES, targetOf } from './targets';
import { weightsFlag, weightsText } from './weights-flag';

/** What flags say of a step, before the schema has looked at it. */
export type StepChanges = Partial<Record<keyof QuantizeStep, unknown>>;

/** The step that `--to` names, or `--weights` begins; null where neither was given. */
export function stepFromFlags(flags: StepFlags): QuantizeStep | null {
  if (flags.to !== undefined && flags.weights !== undefined)
    throw usage('--to and --weights both say what to make. Use one of them.');
  if (flags.to !== undefined) return stepOf(targetName(flags.to));
  return flags.weights === undefined
    ? null
    : quantizeSchema.parse({ weights: weightsFlag('--weights', flags.weights) });
}

/** What all other flags change in a step. */
export function stepChanges(flags: StepFlags): StepChanges {
  return dropUndefined({
    encoding: flags.encoding,
    granularity: flags.granularity ?? impliedGranularity(flags),
    block: numberFlag('--block', flags.block),
    group: numberFlag('--group', flags.group),
    scales: flags.scales,
    symmetric: symmetricFlag(flags),
    sparsity: numberFlag('--sparsity', flags.sparsity),
    activations: flags.activations === undefined ? undefined : activationsFlag(flags.activations),
    ranges: flags.ranges,
    store: flags.store,
    compute: flags.compute,
    ends: flags.ends,
    repair: flags.repair?.flatMap((names) => names.split(',')),
    keep: flags.keep,
    samples: numberFlag('--samples', flags.samples),
    reduceRange: flags.reduceRange === undefined ? undefined : rangeFlag(flags.reduceRange),
    overrides: overridesFromFlags(flags.layer),
  });
}

/** The flags that make a step. */
export function flagsOfStep(step: QuantizeStep): string[] {
  const target = targetOf(step);
  const usual = target === null ? quantizeSchema.parse({ weights: step.weights }) : stepOf(target);
  const what = target === null ? ['--weights', weightsText(step.weights)] : ['--to', target];
  return [...what, ...differences(step, usual)];
}

function differences(step: QuantizeStep, usual: QuantizeStep): string[] {
  const differs = (key: keyof QuantizeStep): boolean => step[key] !== undefined && step[key] !== usual[key];
  const flag = (name: string, key: keyof QuantizeStep): string[] =>
    differs(key) ? [`--${name}`, String(step[key])] : [];
  return [
    ...step.keep.flatMap((layer) => ['--keep', layer]),
    ...flag('encoding', 'encoding'),
    ...granularityFlag(step, usual),
    ...flag('block', 'block'),
    ...flag('group', 'group'),
    ...flag('scales', 'scales'),
    ...(step.symmetric === undefined ? [] : [step.symmetric ? '--symmetric' : '--asymmetric']),
    ...flag('sparsity', 'sparsity'),
    ...(differs('activations') ? ['--activations', activationsText(step.activations)] : []),
    ...flag('ranges', 'ranges'),
    ...flag('store', 'store'),
    ...flag('compute', 'compute'),
    ...flag('ends', 'ends'),
    ...flagsOfOverrides(step.overrides ?? []),
    ...(step.repair ?? []).flatMap((name) => ['--repair', name]),
    ...flag('samples', 'samples'),
    ...(differs('reduceRange') ? ['--reduce-range', reduceText(step.reduceRange)] : []),
  ];
}

/** A number of elements or channels says what they are for. */
function impliedGranularity({ block, group }: StepFlags): string | undefined {
  if (block !== undefined && group !== undefined)
    throw usage('--block is for scales and --group for palettes. Use one of them.');
  if (block !== undefined) return 'block';
  return group === undefined ? undefined : 'group';
}

/** Nothing where it is the usual one, or where a number of elements or channels says it. */
function granularityFlag({ granularity, block, group }: QuantizeStep, usual: QuantizeStep): string[] {
  const implied = block !== undefined ? 'block' : group !== undefined ? 'group' : usual.granularity;
  return granularity === implied ? [] : ['--granularity', granularity];
}

function symmetricFlag({ symmetric, asymmetric }: StepFlags): boolean | undefined {
  if (symmetric === true && asymmetric === true)
    throw usage('--symmetric and --asymmetric say the opposite. Use one of them.');
  return asymmetric === true ? false : symmetric;
}

function targetName(name: string) {
  if (isTargetName(name)) return name;
  throw usage(`--to is '${name}'; use ${orList(TARGET_NAMES)}.`);
}

const ACTIVATIONS = { float: 'float32', 8: 'uint8', 16: 'uint16', dynamic: 'dynamic' } as const;

function activationsFlag(text: string): string {
  const found = Object.entries(ACTIVATIONS).find(([name, dtype]) => name === text || dtype === text);
  if (found) return found[1];
  throw usage(`--activations is '${text}'; use float, 8, 16 or dynamic.`);
}

function activationsText(activations: QuantizeStep['activations']): string {
  return Object.entries(ACTIVATIONS).find(([, dtype]) => dtype === activations)?.[0] ?? activations;
}

function rangeFlag(text: string): boolean | 'auto' {
  if (text === 'auto') return 'auto';
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw usage(`--reduce-range is '${text}'; use yes, no or auto.`);
}

function reduceText(reduceRange: QuantizeStep['reduceRange']): string {
  if (reduceRange === 'auto') return 'auto';
  return reduceRange ? 'yes' : 'no';
}
