import type { Node } from '../model/model';
import { subgraphsOf } from './graph-order';
import type { Layer, UnnamedLayer } from './layers';

/** Names longer than this help nobody and would fill every view; what is left out is marked by an ellipsis. */
export const MAX_NAME_LENGTH = 200;
/** Nesting of the tree; deeper parts stay joined in the last one. */
const MAX_PATH_DEPTH = 32;
/** How much of a stored name is looked at. */
const MAX_READ_LENGTH = 4096;

const MODULE_SCOPES = 'pkg.torch.onnx.name_scopes';

/** Suffixes that exporters and quantizers append to a weight's name. */
const STORAGE_SUFFIX = /(?:_quantized|_int8|_uint8|_float16|_fp16|_codes)$/;
/** Names that exporters make up: they say nothing about the layer. */
const MADE_UP = /^(?:\d+|val_\d+|const_fold.*|onnx::.*|.*_output_\d+|_v_\d+|t\d+|tensor_?\d*|constant_?\d*)$/i;
const PARAMETER_WORD = /[._](?:weight|weights|kernel|filter|gamma|w|bias)$/i;

/** Scopes that wrap a whole TensorFlow or Keras model, and so tell nothing apart. */
const WHOLE_MODEL =
  /^(?:StatefulPartitionedCall|PartitionedCall|functional|model|sequential|serving_default)(?:_\d+)?$/;
/** The last part of a TensorFlow path names the operation: "Conv2D", "BiasAdd_1". */
const TENSORFLOW_OPERATION = /^[A-Z][A-Za-z0-9]*(?:_\d+)?$/;

/**
 * Gives every layer its identity, in this order: the exporter's module scope, the node's path, the
 * weight's dotted name, a TensorFlow scope, `operator_index`.
 *
 * A weighted operator is named after its module. Another operator is, too, where its module holds nothing else
 * (`features.2` for an activation module); otherwise the operator is appended: `layer1.0.relu`. A name that comes
 * again gets `_1`, `_2` … in running order, as PyTorch's exporter numbers them: `layer1.0.relu_1`.
 */
export function nameLayers(layers: readonly UnnamedLayer[]): Layer[] {
  const clues = layers.map(clueOf);
  const population = countModules(clues);
  const counters = new Map<string, number>();
  const holders = new Map<Node, string>();
  const wanted = layers.map((layer, at) => {
    const name = displayed(wantedName(layer, clues[at] ?? NO_CLUE, population, counters, holders));
    if (subgraphsOf(layer.node).length > 0) holders.set(layer.node, name);
    return name;
  });
  const names = unique(wanted);
  return layers.map((layer, at) => ({ name: names[at] ?? '', ...layer }));
}

/** The parts of a layer's name, for a tree. */
export function pathOf(name: string): string[] {
  const parts = name.split('.');
  if (parts.length <= MAX_PATH_DEPTH) return parts;
  return [...parts.slice(0, MAX_PATH_DEPTH - 1), parts.slice(MAX_PATH_DEPTH - 1).join('.')];
}

interface Clue {
  /** "" is the model itself; null where nothing says. */
  readonly module: string | null;
  /** The weight's own name, where it was not made up. */
  readonly weight: string | null;
  readonly weighted: boolean;
}

const NO_CLUE: Clue = { module: null, weight: null, weighted: false };

function clueOf(layer: UnnamedLayer): Clue {
  const main = layer.weights.find((weight) => weight.role === 'weight');
  let weight = main === undefined ? null : givenName(main.name);
  for (const { name } of layer.weights) weight ??= givenName(name);
  return { module: moduleOf(layer.node, weight), weight, weighted: main !== undefined };
}

function moduleOf(node: Node, weight: string | null): string | null {
  const scopes = node.metadata.get(MODULE_SCOPES);
  const scoped = scopes === undefined ? null : scopeModule(scopes, node);
  if (scoped !== null) return scoped.folded && weight !== null ? (ownerOf(weight) ?? scoped.module) : scoped.module;
  const stored = node.name.slice(0, MAX_READ_LENGTH);
  if (stored.startsWith('/')) return modulePath(stored);
  const owner = weight === null ? null : ownerOf(weight);
  if (owner !== null) return owner;
  return stored.includes('/') ? tensorFlowScope(stored) : null;
}

/** A Python list of strings: the modules from the outside in, then the operation: `['', 'layer1', 'layer1.0', 'conv2d']`. */
function scopeModule(text: string, node: Node): { module: string; folded: boolean } | null {
  const scopes = [...text.slice(0, MAX_READ_LENGTH).matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  const operation = scopes.pop();
  if (operation === undefined) return null;
  // A convolution in the scope of a batch norm: the exporter folded the norm into it and kept the norm's scope.
  const folded = operation.includes('batch_norm') && node.opType !== 'BatchNormalization';
  return { module: scopes.reverse().find((scope) => scope !== '') ?? '', folded };
}

/** `/layer1/layer1.0/conv1/Conv` is `layer1.0.conv1`: a part that repeats the one before it takes its place. */
function modulePath(path: string): string {
  const parts: string[] = [];
  const segments = path.split('/').filter((segment) => segment !== '');
  // The last part names the operator, unless the name was cut before it.
  if (path.length < MAX_READ_LENGTH) segments.pop();
  for (const part of segments) {
    const before = parts.at(-1);
    if (before !== undefined && part.startsWith(`${before}.`)) parts.pop();
    parts.push(part);
  }
  return parts.join('.');
}

/** `model/conv1/Conv2D` is `conv1`; a fused name ("a;b") is its first. */
function tensorFlowScope(path: string): string | null {
  const parts = (path.split(';')[0] ?? '')
    .split('/')
    .map((part) => part.replace(/:\d+$/, '').replace(/__\d+$/, ''))
    .filter((part) => part !== '');
  if (parts.length > 1 && TENSORFLOW_OPERATION.test(parts.at(-1) ?? '')) parts.pop();
  while (parts.length > 1 && WHOLE_MODEL.test(parts[0] ?? '')) parts.shift();
  return parts.length === 0 ? null : parts.join('.');
}

/** A weight's name as somebody gave it; null where an exporter made it up. */
function givenName(stored: string): string | null {
  const name = stored.slice(0, MAX_READ_LENGTH).replace(STORAGE_SUFFIX, '');
  return name === '' || name.includes('/') || MADE_UP.test(name) ? null : name;
}

/** The module that a weight belongs to: `layer1.0.conv1.weight` is `layer1.0.conv1`. */
function ownerOf(weight: string): string | null {
  const dot = weight.lastIndexOf('.');
  if (dot > 0) return weight.slice(0, dot);
  return PARAMETER_WORD.test(weight) ? weight.replace(PARAMETER_WORD, '') : null;
}

/** How many layers each module holds, itself or in modules inside it. */
function countModules(clues: readonly Clue[]): ReadonlyMap<string, number> {
  const population = new Map<string, number>();
  for (const { module } of clues) {
    if (module === null) continue;
    let depth = 0;
    for (let end = module.length; end > 0 && depth < MAX_PATH_DEPTH; end = module.lastIndexOf('.', end - 1)) {
      const ancestor = module.slice(0, end);
      population.set(ancestor, (population.get(ancestor) ?? 0) + 1);
      depth += 1;
    }
  }
  return population;
}

function wantedName(
  layer: UnnamedLayer,
  { module, weight, weighted }: Clue,
  population: ReadonlyMap<string, number>,
  counters: Map<string, number>,
  holders: ReadonlyMap<Node, string>,
): string {
  const operator = inWords(layer.node.opType);
  if (module === null) {
    if (weight !== null) return weight;
    const { within } = layer;
    const prefix = within === null ? operator : [holders.get(within.node) ?? '', within.branch, operator].join('.');
    const index = counters.get(prefix) ?? 0;
    counters.set(prefix, index + 1);
    return `${prefix}_${index}`;
  }
  if (weighted) return module === '' ? (weight ?? operator) : module;
  if (weight !== null && layer.weights.length > 0) return weight;
  if (module === '') return operator;
  return population.get(module) === 1 ? module : `${module}.${operator}`;
}

/** "GlobalAveragePool" is `global_average_pool`, "LSTM" is `lstm`. */
function inWords(opType: string): string {
  return opType.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** Control characters out, and no longer than a view can show. */
function displayed(name: string): string {
  const clean = name.slice(0, MAX_NAME_LENGTH + 1).replace(/\p{Cc}/gu, '\u{fffd}');
  return clean.length > MAX_NAME_LENGTH ? `${clean.slice(0, MAX_NAME_LENGTH - 1)}…` : clean;
}

function unique(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let suffix = next.get(name) ?? 1;
    while (taken.has(`${name}_${suffix}`)) suffix += 1;
    next.set(name, suffix + 1);
    const made = `${name}_${suffix}`;
    taken.add(made);
    return made;
  });
}
