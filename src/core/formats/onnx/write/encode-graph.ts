import type { Graph, ValueType, Weight } from '../../../model/model';
import { GRAPH } from '../read-graph';
import type { Field } from '../outline';
import { Template, templateOf, unchangedRange, type WriteContext } from './context';
import { addNode } from './encode-node';
import { addSparse, addTensor } from './encode-tensor';
import { addTyped, addValue } from './encode-value';
import { Message } from './message';
import { keepsGraph } from './storage';

const ENCODED: ReadonlySet<number> = new Set(Object.values(GRAPH));

/** Adds a graph as a field of its model or attribute, copied where nothing in it changed. */
export function addGraph(context: WriteContext, parent: Message, field: number, graph: Graph): void {
  const range = unchangedRange(context, graph);
  if (range !== null && context.outline !== null && keepsGraph(context.storage, graph)) {
    parent.copiedMessage(field, context.outline, range);
  } else parent.message(field, encodeGraph(context, graph));
}

function encodeGraph(context: WriteContext, graph: Graph): Message {
  const message = new Message();
  const template = templateOf(context, graph);
  for (const node of graph.nodes) addNode(context, message, GRAPH.node, node);
  if (template?.was.name === graph.name) template.copy(message, GRAPH.name);
  else message.text(GRAPH.name, graph.name);
  for (const [name, weight] of graph.weights) addWeight(context, message, named(weight, name));
  if (template) copyUnnamedWeights(message, template);
  template?.copyOthers(message, ENCODED);
  addInputs(context, message, graph, template);
  for (const output of graph.outputs) addValue(context, message, GRAPH.output, output);
  if (template?.was.values === graph.values) template.copy(message, GRAPH.valueInfo);
  else addValueInfo(message, graph.values, template);
  return message;
}

/** A graph's map decides names: a weight under another one is written under it. */
function named(weight: Weight, name: string): Weight {
  return weight.name === name ? weight : { ...weight, name };
}

function addWeight(context: WriteContext, message: Message, weight: Weight): void {
  if (weight.data.kind === 'sparse') addSparse(context, message, GRAPH.sparseInitializer, weight);
  else addTensor(context, message, GRAPH.initializer, weight, 'initializer');
}

/** Initializers without a name are not in the model, and are nobody's to drop. */
function copyUnnamedWeights(message: Message, template: Template<Graph>): void {
  for (const field of template.numbered(GRAPH.initializer)) {
    if (nameIn(template, field, 8) === '') message.copy(template.outline, field);
  }
}

/**
 * Initializers that were listed as inputs too stay listed, where they were and with their present type. Before IR
 * version 4 every initializer of such a graph is.
 */
function addInputs(context: WriteContext, message: Message, graph: Graph, template: Template<Graph> | null): void {
  const waiting = [...graph.inputs];
  const listed = new Set(graph.inputs.map((input) => input.name));
  let listsWeights = false;
  for (const field of template?.numbered(GRAPH.input) ?? []) {
    if (template === null) break;
    const name = nameIn(template, field, 1);
    if (template.was.weights.has(name)) {
      listsWeights = true;
      if (listed.has(name)) continue;
      listed.add(name);
      addWeightInput(message, template, field, name, graph.weights.get(name));
    } else {
      const next = waiting.shift();
      if (next) addValue(context, message, GRAPH.input, next);
    }
  }
  for (const input of waiting) addValue(context, message, GRAPH.input, input);
  if (context.irVersion >= 4 || !listsWeights) return;
  for (const [name, weight] of graph.weights) {
    if (!listed.has(name)) addTyped(message, GRAPH.input, name, weight, null);
  }
}

function addWeightInput(
  message: Message,
  template: Template<Graph>,
  field: Field,
  name: string,
  weight: Weight | undefined,
): void {
  if (weight === undefined) return;
  if (sameType(template.was.weights.get(name), weight)) message.copy(template.outline, field);
  else addTyped(message, GRAPH.input, name, weight, inner(template, field));
}

function sameType(a: Weight | undefined, b: Weight): boolean {
  return a?.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((size, i) => size === b.shape[i]);
}

/** The message in a field, to be written with another type. */
function inner(template: Template<Graph>, field: Field): Template<null> {
  return new Template(null, template.outline, { start: field.valueStart, end: field.end });
}

/** Types of values between nodes: those that are as they were are copied with all that their messages hold. */
function addValueInfo(
  message: Message,
  values: ReadonlyMap<string, ValueType>,
  template: Template<Graph> | null,
): void {
  const added = new Set<string>();
  for (const field of template?.numbered(GRAPH.valueInfo) ?? []) {
    if (template === null) break;
    const name = nameIn(template, field, 1);
    const type = values.get(name);
    if (type === undefined) continue;
    added.add(name);
    if (template.was.values.get(name) === type) message.copy(template.outline, field);
    else addTyped(message, GRAPH.valueInfo, name, type, inner(template, field));
  }
  for (const [name, type] of values) if (!added.has(name)) addTyped(message, GRAPH.valueInfo, name, type, null);
}

/** The name of a message inside a graph, by the number of its name field. */
function nameIn(template: Template<Graph>, field: Field, nameField: number): string {
  const { outline } = template;
  for (const inner of outline.fields({ start: field.valueStart, end: field.end })) {
    if (inner.number === nameField) return outline.slice(inner.valueStart, inner.end)?.toString('utf8') ?? '';
  }
  return '';
}
