import { indexGraph } from '../../analysis/graph-order';
import { FreshNames } from '../../compression/graph/fresh-names';
import { tidy } from '../../compression/graph/tidy';
import type { DataSet } from '../../evaluation/data';
import type { Graph, Model, Node, Value, Weight } from '../../model/model';
import { BatchDimensions } from './batch-dimensions';
import { BATCH_REWRITES } from './rewrites';

/**
 * A form of a model that is fixed to a batch, which takes any number of samples: the inputs that a set feeds, and
 * constants in which the batch is written, say so no more. Whether it computes the same is not known: see
 * `answersAlike`.
 */
export function withFreeBatch(model: Model, { inputs }: Pick<DataSet, 'inputs'>, batch: number): Model {
  const symbol = unusedSymbol(model.graph);
  const isFed = ({ name, type }: Value): boolean => Object.hasOwn(inputs, name) && type.shape?.[0] === batch;
  let form: Model = {
    ...model,
    graph: {
      ...model.graph,
      inputs: model.graph.inputs.map((input) => (isFed(input) ? withFirst(input, symbol) : input)),
      outputs: model.graph.outputs.map(({ name, type }) => ({ name, type: { ...type, shape: null } })),
      values: new Map(),
    },
  };
  const dimensions = new BatchDimensions(model, form, symbol, batch);
  const names = new FreshNames(model.graph);
  const weights = new Map<string, Weight>();
  const add = (weight: Weight): string => {
    weights.set(weight.name, weight);
    return weight.name;
  };
  for (const node of indexGraph(model.graph).order) {
    const rewrite = node.domain === '' ? BATCH_REWRITES[node.opType] : undefined;
    const made = rewrite?.(node, { dimensions, names, add });
    if (!made) continue;
    form = replaced(form, node, made, weights);
    dimensions.follow(form);
  }
  const outputs = model.graph.outputs.map((output) => freed(output, dimensions, symbol));
  return { ...form, graph: tidy({ ...form.graph, outputs }) };
}

/** A form's result with the batch that the original says: inputs and outputs are the original's. */
export function withBatchOf(original: Model, result: Model): Model {
  const { inputs, outputs } = original.graph;
  return { ...result, graph: { ...result.graph, inputs, outputs } };
}

function replaced(form: Model, node: Node, made: readonly Node[], added: ReadonlyMap<string, Weight>): Model {
  const { graph } = form;
  const nodes = graph.nodes.flatMap((each) => (each === node ? made : [each]));
  return { ...form, graph: { ...graph, nodes, weights: new Map([...graph.weights, ...added]) } };
}

function withFirst({ name, type }: Value, symbol: string): Value {
  return { name, type: { ...type, shape: [symbol, ...(type.shape?.slice(1) ?? [])] } };
}

/** An output with the batch where it is. */
function freed({ name, type }: Value, dimensions: BatchDimensions, symbol: string): Value {
  const found = dimensions.of(name);
  const shape =
    found?.lengths.map((length, axis) => {
      if (axis !== found.axis) return length;
      return length === dimensions.batch ? symbol : null;
    }) ?? null;
  return { name, type: { ...type, shape } };
}

function unusedSymbol({ inputs, outputs }: Graph): string {
  const used = new Set([...inputs, ...outputs].flatMap(({ type }) => type.shape ?? []));
  for (let number = 0; ; number++) {
    const symbol = number === 0 ? 'batch' : `batch_${number}`;
    if (!used.has(symbol)) return symbol;
  }
}
