import { MAX_SUBGRAPH_DEPTH, subgraphsOf } from '../../../analysis/graph-order';
import { EdgewiseError } from '../../../errors';
import type { Attribute, Graph, Model, Node } from '../../../model/model';
import { withAttributes } from '../attributes';
import { FreshNames } from '../fresh-names';
import { OPERATOR_HISTORY } from './operators';
import type { RewriteScope } from './rewrite';

/** The first operator set whose `DequantizeLinear` takes one scale a channel; self-unpacking weights need it too. */
export const LOWEST_OPSET = 13;

/**
 * A model of the standard operator set 13 or later that computes the same. Weights that were attributes become
 * initializers.
 * @param rankOf dimensions of a value of the main graph; null where unknown.
 * @param purpose what the operator set is needed for, in a sentence: "int8 needs".
 * @throws EdgewiseError `unsupported` naming the operator that cannot be raised.
 */
export function raiseOpset(model: Model, rankOf: (value: string) => number | null, purpose = 'int8 needs'): Model {
  const from = model.opsets.get('');
  if (from === undefined || from >= LOWEST_OPSET) return model;
  const file = model.files[0]?.path;
  if (model.functions.length > 0) {
    throw new EdgewiseError(
      'unsupported',
      `The model has operator set ${from} and functions of its own, so it cannot be raised to ${LOWEST_OPSET}, which ${purpose}. Export it again with operator set ${LOWEST_OPSET} or later.`,
      file === undefined ? {} : { file },
    );
  }
  const raiser = new Raiser(from, new FreshNames(model.graph), rankOf, file, purpose);
  const graph = raiser.graph(model.graph, 0);
  const opsets = new Map([...model.opsets, ['', LOWEST_OPSET] as const]);
  return { ...model, formatVersion: atLeastIr(model.formatVersion), opsets, graph };
}

/** The format version that came with operator set 13; from 4 on, initializers need not be inputs. */
const LOWEST_IR = 7;

function atLeastIr(formatVersion: string): string {
  const version = /^IR (\d+)$/.exec(formatVersion)?.[1];
  return version !== undefined && Number(version) < LOWEST_IR ? `IR ${LOWEST_IR}` : formatVersion;
}

class Raiser {
  constructor(
    private readonly from: number,
    private readonly names: FreshNames,
    private readonly rankOf: (value: string) => number | null,
    private readonly file: string | undefined,
    private readonly purpose: string,
  ) {}

  graph(graph: Graph, depth: number): Graph {
    const weights = new Map(graph.weights);
    const scope: RewriteScope = {
      from: this.from,
      names: this.names,
      // A value of a subgraph may carry the name of one outside.
      rankOf: (value) => weights.get(value)?.shape.length ?? (depth === 0 ? this.rankOf(value) : null),
      weight: (name) => weights.get(name),
      add: (weight) => {
        weights.set(weight.name, weight);
        return weight.name;
      },
    };
    const nodes = graph.nodes.flatMap((node) => this.node(node, scope, depth));
    return { ...graph, nodes, weights };
  }

  private node(node: Node, scope: RewriteScope, depth: number): readonly Node[] {
    if (node.domain !== '') return [node];
    const history = OPERATOR_HISTORY.get(node.opType);
    const current = withAttributes(this.inside(node, depth), { consumed_inputs: undefined });
    if (history !== undefined && this.from >= history.sameFrom) return [current];
    const rewritten = this.from >= (history?.rewriteFrom ?? Infinity) ? history?.rewrite?.(current, scope) : null;
    if (rewritten) return rewritten;
    throw new EdgewiseError(
      'unsupported',
      `${node.opType}${node.name === '' ? '' : ` ("${node.name}")`} of operator set ${this.from} cannot be raised to ${LOWEST_OPSET}, which ${this.purpose}. Export the model again with operator set ${LOWEST_OPSET} or later.`,
      this.file === undefined ? {} : { file: this.file },
    );
  }

  /** The node with its subgraphs raised. */
  private inside(node: Node, depth: number): Node {
    if (subgraphsOf(node).length === 0 || depth >= MAX_SUBGRAPH_DEPTH) return node;
    const changes: Record<string, Attribute> = {};
    for (const [name, attribute] of node.attributes) {
      if (attribute.kind === 'graph') changes[name] = { kind: 'graph', value: this.graph(attribute.value, depth + 1) };
      if (attribute.kind === 'graphs') {
        changes[name] = { kind: 'graphs', value: attribute.value.map((graph) => this.graph(graph, depth + 1)) };
      }
    }
    return withAttributes(node, changes);
  }
}
