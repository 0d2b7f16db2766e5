import type { FunctionDefinition, Graph, Model, Node, ValueType } from '../../model/model';
import { indexGraph, MAX_SUBGRAPH_DEPTH } from '../graph-order';
import { parseDimension } from './dimension-text';
import type { Extent } from './extent';
import { symbol } from './extent';
import type { Facts } from './facts';
import { facts, UNKNOWN } from './facts';
import { OperatorCall } from './operator-call';
import { weightFacts } from './shape-source';
import { shapeRule } from './table';

/** Loop bodies are inferred twice, so nested ones multiply; a hostile file stops here and the rest is unknown. */
const MAX_NODE_VISITS = 500_000;

/** Values by name, with what an enclosing graph knows behind them. */
class Scope {
  readonly values = new Map<string, Facts>();

  constructor(
    readonly graph: Graph | null,
    readonly outer: Scope | null,
    readonly depth: number,
  ) {}

  lookup(name: string): Facts {
    const own = this.values.get(name);
    if (own !== undefined) return own;
    const weight = this.graph?.weights.get(name);
    if (weight !== undefined) {
      const known = weightFacts(weight);
      this.values.set(name, known);
      return known;
    }
    return this.outer?.lookup(name) ?? UNKNOWN;
  }
}

/** Facts of every value of a model and of its subgraphs, for given values of symbolic dimensions. */
export class Inference {
  private readonly scopes = new Map<Graph, Scope>();
  private readonly functions: ReadonlyMap<string, FunctionDefinition>;
  private visits = 0;

  constructor(
    readonly model: Model,
    readonly dims: Readonly<Record<string, number>>,
  ) {
    this.functions = new Map(
      model.functions.map((definition) => [functionKey(definition.domain, definition.name), definition]),
    );
    const scope = new Scope(model.graph, null, 0);
    for (const input of model.graph.inputs) {
      if (!model.graph.weights.has(input.name)) scope.values.set(input.name, this.inputFacts(input.name, input.type));
    }
    this.run(model.graph, scope);
  }

  /** Facts of a value as its graph sees it; unknown where nothing was inferred. */
  factsOf(graph: Graph, name: string): Facts {
    return this.scopes.get(graph)?.lookup(name) ?? UNKNOWN;
  }

  /** False for graphs that nest too deep to be looked into. */
  reached(graph: Graph): boolean {
    return this.scopes.has(graph);
  }

  /** The graphs that were reached: the main one first. */
  get graphs(): Graph[] {
    return [...this.scopes.keys()];
  }

  /** Names of values inferred in a graph, its own inputs and outputs included. */
  valuesOf(graph: Graph): ReadonlyMap<string, Facts> {
    return this.scopes.get(graph)?.values ?? new Map<string, Facts>();
  }

  /** A dimension that the file leaves out gets a name of its own, so that it can be told apart and given a value. */
  private inputFacts(name: string, type: ValueType): Facts {
    const shape = type.shape?.map((dimension, axis): Extent => {
      if (dimension !== null) return parseDimension(dimension, this.dims);
      const unnamed = `${name}[${axis}]`;
      return Object.hasOwn(this.dims, unnamed) ? (this.dims[unnamed] ?? null) : symbol(unnamed);
    });
    return facts(type.dtype, shape ?? null);
  }

  private run(graph: Graph, scope: Scope): void {
    this.scopes.set(graph, scope);
    const outputTypes = new Map(graph.outputs.map((value) => [value.name, value.type]));
    for (const node of indexGraph(graph).order) {
      this.visit(node, scope, (name) => graph.values.get(name) ?? outputTypes.get(name));
    }
  }

  private visit(node: Node, scope: Scope, statedType: (name: string) => ValueType | undefined): void {
    this.visits += 1;
    const inferred = this.visits > MAX_NODE_VISITS ? [] : this.outputsOf(node, scope);
    node.outputs.forEach((name, index) => {
      if (name === '') return;
      scope.values.set(name, this.completed(inferred[index] ?? UNKNOWN, statedType(name)));
    });
  }

  private outputsOf(node: Node, scope: Scope): readonly Facts[] {
    // An attribute that was not understood would be mistaken for its default.
    if (hasOpaqueAttribute(node)) return [];
    const inputs = node.inputs.map((name) => (name === '' ? UNKNOWN : scope.lookup(name)));
    const definition = this.functionOf(node);
    if (definition !== undefined) return this.functionOutputs(definition, inputs, scope.depth + 1);
    const rule = shapeRule(node.domain, node.opType);
    if (rule === undefined) return [];
    const opset = this.model.opsets.get(node.domain === 'ai.onnx' ? '' : node.domain) ?? 1;
    const result = rule(
      new OperatorCall(node, opset, inputs, (graph, given) => this.subgraphOutputs(graph, given, scope)),
    );
    return isList(result) ? result : [result];
  }

  private functionOf(node: Node): FunctionDefinition | undefined {
    return this.functions.size === 0 ? undefined : this.functions.get(functionKey(node.domain, node.opType));
  }

  private subgraphOutputs(graph: Graph, inputs: readonly Facts[], outer: Scope): readonly Facts[] {
    if (outer.depth >= MAX_SUBGRAPH_DEPTH || this.visits > MAX_NODE_VISITS) return [];
    const scope = new Scope(graph, outer, outer.depth + 1);
    graph.inputs.forEach((input, index) => {
      scope.values.set(input.name, this.completed(inputs[index] ?? UNKNOWN, input.type));
    });
    this.run(graph, scope);
    return graph.outputs.map((output) => scope.lookup(output.name));
  }

  private functionOutputs(definition: FunctionDefinition, inputs: readonly Facts[], depth: number): readonly Facts[] {
    if (depth >= MAX_SUBGRAPH_DEPTH || this.visits > MAX_NODE_VISITS) return [];
    const scope = new Scope(null, null, depth);
    definition.inputs.forEach((name, index) => scope.values.set(name, inputs[index] ?? UNKNOWN));
    for (const node of definition.nodes) this.visit(node, scope, () => undefined);
    return definition.outputs.map((name) => scope.lookup(name));
  }

  /** What inference leaves open is filled from the types that the file states. */
  private completed(inferred: Facts, stated: ValueType | undefined): Facts {
    if (stated === undefined) return inferred;
    const dtype = inferred.dtype ?? stated.dtype;
    if (stated.shape === null) return facts(dtype, inferred.shape, inferred.value);
    if (inferred.shape === null) {
      return facts(
        dtype,
        stated.shape.map((dimension) => parseDimension(dimension, this.dims)),
      );
    }
    if (inferred.shape.length !== stated.shape.length || !inferred.shape.includes(null)) {
      return facts(dtype, inferred.shape, inferred.value);
    }
    const { shape } = stated;
    return facts(
      dtype,
      inferred.shape.map((length, axis) => length ?? parseDimension(shape[axis] ?? null, this.dims)),
    );
  }
}

function hasOpaqueAttribute(node: Node): boolean {
  for (const attribute of node.attributes.values()) if (attribute.kind === 'opaque') return true;
  return false;
}

function functionKey(domain: string, name: string): string {
  return `${domain}:${name}`;
}

function isList(result: Facts | readonly Facts[]): result is readonly Facts[] {
  return Array.isArray(result);
}
