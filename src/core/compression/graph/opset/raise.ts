import { MAX_SUBGRAPH_DEPTH, subgraphsOf } from '../../../analysis/graph-order';
import { EdgewiseError } from '../../../errors';
import type { Attribute, Graph, Model, Node } from '../../../model/model';
import { withAttributes } from '../attributes';
import { FreshNames } from '../fresh-names';
import { LATER_HISTORY } from './later-operators';
import { OPERATOR_HISTORY, type OperatorHistory } from './operators';
import type { RewriteScope } from './rewrite';

/** The first operator set whose `DequantizeLinear` takes one scale a channel; self-unpacking weights need it too. */
export const LOWEST_OPSET = 13;

/** The first operator set whose `DequantizeLinear` takes 4-bit codes and blocks. */
export const BLOCKS_OPSET = 21;

/** One change of operator sets: what became of each operator on the way. */
interface Raise {
  readonly to: number;
  /** The format version that came with the set. */
  readonly irVersion: number;
  readonly history: ReadonlyMap<string, OperatorHistory>;
}

const RAISES: readonly Raise[] = [
  // From IR 4 on, initializers need not be inputs.
  { to: LOWEST_OPSET, irVersion: 7, history: OPERATOR_HISTORY },
  { to: BLOCKS_OPSET, irVersion: 10, history: LATER_HISTORY },
];

/**
 * A model of the standard operator set 13, or of `to`, or later, that computes the same. Weights that were attributes
 * become initializers.
 * @param rankOf dimensions of a value of the main graph; null where unknown.
 * @param purpose what the operator set is needed for, in a sentence: "int8 needs".
 * @throws EdgewiseError `unsupported` naming the operator that cannot be raised.
 */
export function raiseOpset(
  model: Model,
  rankOf: (value: string) => number | null,
  purpose = 'int8 needs',
  to: typeof LOWEST_OPSET | typeof BLOCKS_OPSET = LOWEST_OPSET,
): Model {
  const from = model.opsets.get('');
  if (from === undefined || from >= to) return model;
  const file = model.files[0]?.path;
  if (model.functions.length > 0) {
    throw new EdgewiseError(
      'unsupported',
      `The model has operator set ${from} and functions of its own, so it cannot be raised to ${to}, which ${purpose}. Export it again with operator set ${to} or later.`,
      file === undefined ? {} : { file },
    );
  }
  const aim = { to, purpose, file };
  return RAISES.filter((raise) => raise.to <= to).reduce((one, raise) => raisedBy(one, raise, rankOf, aim), model);
}

/** What sentences tell. */
interface Aim {
  readonly to: number;
  readonly purpose: string;
  readonly file: string | undefined;
}

function raisedBy(model: Model, { to, irVersion, history }: Raise, rankOf: RewriteScope['rankOf'], aim: Aim): Model {
  const from = model.opsets.get('') ?? to;
  if (from >= to) return model;
  const raiser = new Raiser(from, history, new FreshNames(model.graph), rankOf, aim);
  const opsets = new Map([...model.opsets, ['', to] as const]);
  return {
    ...model,
    formatVersion: atLeastIr(model.formatVersion, irVersion),
    opsets,
    graph: raiser.graph(model.graph, 0),
  };
}

function atLeastIr(formatVersion: string, least: number): string {
  const version = /^IR (\d+)$/.exec(formatVersion)?.[1];
  return version !== undefined && Number(version) < least ? `IR ${least}` : formatVersion;
}

class Raiser {
  constructor(
    private readonly from: number,
    private readonly history: ReadonlyMap<string, OperatorHistory>,
    private readonly names: FreshNames,
    private readonly rankOf: RewriteScope['rankOf'],
    private readonly aim: Aim,
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
    const history = this.history.get(node.opType);
    const current = withAttributes(this.inside(node, depth), { consumed_inputs: undefined });
    if (history !== undefined && this.from >= history.sameFrom) return [current];
    const rewritten = this.from >= (history?.rewriteFrom ?? Infinity) ? history?.rewrite?.(current, scope) : null;
    if (rewritten) return rewritten;
    const { to, purpose, file } = this.aim;
    throw new EdgewiseError(
      'unsupported',
      `${node.opType}${node.name === '' ? '' : ` ("${node.name}")`} of operator set ${this.from} cannot be raised to ${to}, which ${purpose}. Export the model again with operator set ${to} or later.`,
      file === undefined ? {} : { file },
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
