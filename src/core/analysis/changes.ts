import type { LayerSummary, ModelSummary, ValueSummary } from './summary.schema';

/** More sentences than this are not read; the last ones to be left out are those about details. */
const MAX_SENTENCES = 5;
/** Names in one sentence. */
const MAX_NAMES = 3;
/** Layers that are described one by one; more are described together. */
const MAX_SINGLE = 2;

/** What changed between two exports of a model, in a few sentences, the most important first. */
export function describeChanges(before: ModelSummary, after: ModelSummary): string[] {
  const sentences = [
    ...layerSentences(before, after),
    ...valueSentences('Input', before.inputs, after.inputs),
    ...valueSentences('Output', before.outputs, after.outputs),
    ...factSentences(before, after),
  ];
  return sentences.length === 0 ? ['Weights changed, structure is the same.'] : sentences.slice(0, MAX_SENTENCES);
}

function layerSentences(before: ModelSummary, after: ModelSummary): string[] {
  const old = new Map(before.layers.map((layer) => [layer.name, layer]));
  const now = new Map(after.layers.map((layer) => [layer.name, layer]));
  const added = after.layers.filter((layer) => !old.has(layer.name));
  const removed = before.layers.filter((layer) => !now.has(layer.name));
  if (added.length === after.layers.length && removed.length === before.layers.length && added.length > 0) {
    return [`No layer kept its name: ${count(removed.length, 'layer')} before, ${added.length} now.`];
  }
  const pairs = after.layers.flatMap((layer): [LayerSummary, LayerSummary][] => {
    const earlier = old.get(layer.name);
    return earlier === undefined ? [] : [[earlier, layer]];
  });
  return [
    ...(added.length > 0 ? [`${count(added.length, 'layer')} added: ${listed(namesOf(added))}.`] : []),
    ...(removed.length > 0 ? [`${count(removed.length, 'layer')} removed: ${listed(namesOf(removed))}.`] : []),
    ...grouped(pairs, operatorChange, 'changed their operator'),
    ...grouped(pairs, sizeChange, 'changed their size'),
    ...grouped(pairs, encodingChange, 'are stored in another way'),
  ];
}

/** One sentence a layer where they are few, one for all otherwise. */
function grouped(
  pairs: readonly [LayerSummary, LayerSummary][],
  describe: (before: LayerSummary, after: LayerSummary) => string | null,
  together: string,
): string[] {
  const found = pairs.flatMap(([before, after]) => {
    const sentence = describe(before, after);
    return sentence === null ? [] : [{ name: after.name, sentence }];
  });
  if (found.length <= MAX_SINGLE) return found.map(({ sentence }) => sentence);
  const first = found[0]?.sentence ?? '';
  return [`${count(found.length, 'layer')} ${together}: ${first.replace(/\.$/, '')}, and ${found.length - 1} more.`];
}

function operatorChange(before: LayerSummary, after: LayerSummary): string | null {
  return before.operator === after.operator
    ? null
    : `${after.name} is now ${after.operator}, it was ${before.operator}.`;
}

function sizeChange(before: LayerSummary, after: LayerSummary): string | null {
  if (before.operator !== after.operator) return null;
  const [old, now] = [mainWeight(before), mainWeight(after)];
  if (old === undefined || now === undefined) {
    return before.parameters === after.parameters
      ? null
      : `${after.name} has ${number(after.parameters)} parameters, it had ${number(before.parameters)}.`;
  }
  const [from, to] = [outputsOf(old), outputsOf(now)];
  if (from !== null && to !== null && from !== to) {
    return `${after.name} ${to > from ? 'grew' : 'shrank'} from ${number(from)} to ${number(to)} ${unitOf(after.operator)}.`;
  }
  return same(old.shape, now.shape)
    ? null
    : `${after.name} has weights of ${now.shape.join(' x ')}, they were ${old.shape.join(' x ')}.`;
}

function encodingChange(before: LayerSummary, after: LayerSummary): string | null {
  const [old, now] = [mainWeight(before)?.encodingLabel, mainWeight(after)?.encodingLabel];
  return old === undefined || now === undefined || old === now
    ? null
    : `${after.name} is stored as ${now}, it was ${old}.`;
}

function valueSentences(kind: string, before: readonly ValueSummary[], after: readonly ValueSummary[]): string[] {
  const old = new Map(before.map((value) => [value.name, value]));
  const now = new Set(after.map((value) => value.name));
  const added = after.filter((value) => !old.has(value.name));
  const removed = before.filter((value) => !now.has(value.name));
  const changed = after.flatMap((value) => {
    const earlier = old.get(value.name);
    const [from, to] = [earlier && typeText(earlier), typeText(value)];
    return from === undefined || from === to ? [] : [`${kind} ${value.name} is now ${to}, it was ${from}.`];
  });
  return [
    ...(added.length > 0 ? [`${kind} added: ${listed(namesOf(added))}.`] : []),
    ...(removed.length > 0 ? [`${kind} removed: ${listed(namesOf(removed))}.`] : []),
    ...changed,
  ];
}

function factSentences(before: ModelSummary, after: ModelSummary): string[] {
  const sentences: string[] = [];
  if (before.opset !== after.opset) {
    sentences.push(`Opset changed from ${before.opset ?? 'none'} to ${after.opset ?? 'none'}.`);
  }
  if (before.producer !== after.producer) {
    sentences.push(
      `Written by ${after.producer || 'an unnamed tool'}, before by ${before.producer || 'an unnamed tool'}.`,
    );
  }
  return sentences;
}

function mainWeight(layer: LayerSummary): LayerSummary['weights'][number] | undefined {
  return layer.weights.find((weight) => weight.role === 'weight');
}

function outputsOf(weight: LayerSummary['weights'][number]): number | null {
  return weight.outputAxis === null ? null : (weight.shape[weight.outputAxis] ?? null);
}

function unitOf(operator: string): string {
  return operator.includes('Conv') ? 'filters' : 'neurons';
}

function typeText({ dtype, shape }: ValueSummary): string {
  const lengths = shape === null ? 'of unknown shape' : `[${shape.map((length) => length ?? '?').join(', ')}]`;
  return `${dtype ?? 'unknown'} ${lengths}`;
}

function same(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((length, axis) => length === right[axis]);
}

function namesOf(items: readonly { name: string }[]): string[] {
  return items.map((item) => item.name);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).join(', ');
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}

function count(amount: number, noun: string): string {
  return `${number(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
