import { indexGraph, type GraphIndex } from '../../../analysis/graph-order';
import { inferShapes } from '../../../analysis/shapes';
import { constantNumbers } from '../../../analysis/tensor-constants';
import type { Dimension, Model, Node } from '../../../model/model';
import { matrixLayers, type MatrixLayer } from '../matrix-layers';

/** What the search for spaces asks of a model, indexed once. */
export class GraphFacts {
  readonly index: GraphIndex;
  readonly layers: readonly MatrixLayer[];
  private readonly byOutput: ReadonlyMap<string, MatrixLayer>;
  private readonly byNode: ReadonlyMap<Node, MatrixLayer>;
  private readonly types: ReturnType<typeof inferShapes>;

  constructor(readonly model: Model) {
    this.index = indexGraph(model.graph);
    this.layers = matrixLayers(model);
    this.byOutput = new Map(this.layers.map((layer) => [layer.output, layer]));
    this.byNode = new Map(this.layers.map((layer) => [layer.node, layer]));
    this.types = inferShapes(model);
  }

  /** The layer that makes a value, bias added. */
  layerMaking(value: string): MatrixLayer | null {
    return this.byOutput.get(value) ?? null;
  }

  /** The layer that a node is, where it multiplies this value. */
  layerReading(node: Node, value: string): MatrixLayer | null {
    const layer = this.byNode.get(node);
    return layer?.input === value ? layer : null;
  }

  /** Null where it is not known how many dimensions there are. */
  shape(value: string): readonly Dimension[] | null {
    return this.model.graph.weights.get(value)?.shape ?? this.types.get(value)?.shape ?? null;
  }

  /** The numbers of a small constant. */
  constant(value: string | undefined): readonly number[] | null {
    const weight = this.model.graph.weights.get(value ?? '');
    return weight === undefined ? null : constantNumbers(weight);
  }

  /** Nodes that read more of a value than its shape. */
  readers(value: string): readonly Node[] {
    return (this.index.consumers.get(value) ?? []).filter(({ opType }) => opType !== 'Shape' && opType !== 'Size');
  }
}
