import { indexGraph } from '../../analysis/graph-order';
import { Inference } from '../../analysis/shapes/inference';
import type { Facts } from '../../analysis/shapes/facts';
import type { Model, Node } from '../../model/model';
import type { TrainingMode } from '../gradients/rule';
import { ruleOf } from '../gradients/table';
import type { GraphBuilder } from './builder';
import { Term } from './term';

export interface ImportOptions {
  /** Values of symbolic dimensions, the batch among them. */
  readonly dims: Readonly<Record<string, number>>;
  readonly mode: TrainingMode;
  /** Terms that stand for inputs and for initializers of the model, by name; other initializers become constants. */
  readonly given: ReadonlyMap<string, Term>;
  /** What a node reads instead of its inputs: fake-quantized weights and activations, masked weights. */
  readonly operands?: (node: Node, inputs: readonly (Term | null)[]) => readonly (Term | null)[];
  /** What stands for all of a node's outputs, given what it reads; null: the node itself. */
  readonly instead?: (node: Node, inputs: readonly (Term | null)[]) => readonly Term[] | null;
  /** Nodes stay as the model has them, for evaluating: no training forms. */
  readonly asWritten?: boolean;
  random(shape: readonly number[]): Term;
  update(weight: string, value: Term): void;
}

/** Values of a model in a training graph, by the names that they have in the model. */
export type ImportedValues = ReadonlyMap<string, Term>;

/**
 * Writes a model's forward computation into a training graph. Values keep their names as far as they are free, so that
 * layers can be told; nodes take the form that they have while they train.
 */
export function importModel(build: GraphBuilder, model: Model, options: ImportOptions): ImportedValues {
  const inference = new Inference(model, options.dims);
  const values = new Map<string, Term>(options.given);
  const factsOf = (name: string): Facts => inference.factsOf(model.graph, name);
  for (const weight of model.graph.weights.values()) {
    if (values.has(weight.name)) continue;
    const term = new Term(build.names.like(weight.name), weight.dtype, weight.shape);
    build.weights.set(term.name, { ...weight, name: term.name });
    rememberNumbers(build, term, factsOf(weight.name));
    values.set(weight.name, term);
  }
  for (const node of indexGraph(model.graph).order) importNode(build, node, values, factsOf, options);
  return values;
}

function importNode(
  build: GraphBuilder,
  node: Node,
  values: Map<string, Term>,
  factsOf: (name: string) => Facts,
  options: ImportOptions,
): void {
  const read = node.inputs.map((name) => values.get(name) ?? null);
  const inputs = options.operands?.(node, read) ?? read;
  const outputs = node.outputs.map((name) => outputTerm(build, name, factsOf(name)));
  const { mode, random, update } = options;
  const rule = options.asWritten ? undefined : ruleOf(node);
  const trained =
    options.instead?.(node, inputs) ?? rule?.forTraining?.({ build, node, inputs, outputs, mode, random, update });
  if (!trained) build.emitNode(renamed(node, inputs, outputs), inputs, outputs);
  node.outputs.forEach((name, index) => {
    const term = (trained ?? outputs)[index];
    if (name === '' || term === undefined) return;
    values.set(name, term);
    rememberNumbers(build, term, factsOf(name));
  });
}

const renamed = (node: Node, inputs: readonly (Term | null)[], outputs: readonly Term[]): Node => ({
  ...node,
  inputs: inputs.map((input) => input?.name ?? ''),
  outputs: outputs.map(({ name }) => name),
});

function outputTerm(build: GraphBuilder, name: string, { dtype, shape }: Facts): Term {
  const numbers = shape?.every((length) => typeof length === 'number') ? (shape as readonly number[]) : null;
  return new Term(name === '' ? '' : build.names.like(name), dtype ?? 'float32', numbers);
}

/** Shapes, axes and pads that follow from constants are constants, however the exporter computes them. */
function rememberNumbers(build: GraphBuilder, term: Term, { value }: Facts): void {
  if (value?.every((number) => typeof number === 'number')) build.know(term, value as readonly number[]);
}
