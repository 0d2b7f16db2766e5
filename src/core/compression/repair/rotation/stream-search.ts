import type { Node } from '../../../model/model';
import { outputsOf, type MatrixLayer } from '../matrix-layers';
import { carriedBy, type Place } from './carriers';
import type { GraphFacts } from './graph-facts';
import { biasSide, columnsAxis, rowsAxis, type FoundSpace, type WeightSide } from './space';
import { absorbable, isNormalization, normalizesLast, takesMean } from './stream-normalization';

/**
 * Follows the channels of one value to everything that writes and reads them: what carries them over (sums, transposes,
 * normalizations) has them too, until layers and constants are at every end.
 */
export class StreamSearch {
  private size = 0;
  private readonly places = new Map<string, number>();
  private readonly waiting: Place[] = [];
  private readonly sides = new Map<string, WeightSide>();
  private readonly normalizations = new Set<Node>();
  private isRead = false;
  private reason: string | null = null;

  constructor(private readonly facts: GraphFacts) {}

  from(place: Place): FoundSpace {
    const size = this.facts.shape(place.value)?.[place.axis];
    if (typeof size !== 'number' || size < 2) return { reason: `the channels of ${place.value} are not known` };
    this.size = size;
    this.take(place);
    for (let next = this.waiting.pop(); next !== undefined && this.reason === null; next = this.waiting.pop()) {
      this.visit(next);
    }
    return this.result();
  }

  /** The values that were reached. */
  values(): Iterable<string> {
    return this.places.keys();
  }

  private result(): FoundSpace {
    if (this.reason !== null) return { reason: this.reason };
    if (!this.isRead) return { reason: 'no layer reads what layers write' };
    const nodes = [...this.normalizations];
    const normalizations = nodes.map((node) => absorbable(node, this.size, this.facts));
    const reason = normalizations.find((each) => typeof each === 'string');
    if (reason !== undefined) return { reason };
    return {
      space: {
        size: this.size,
        keepsMean: nodes.some(takesMean),
        sides: [...this.sides.values()],
        normalizations: normalizations.filter((each) => typeof each !== 'string'),
      },
    };
  }

  private take({ value, axis }: Place): void {
    const weight = this.facts.model.graph.weights.get(value);
    const known = this.places.get(value);
    if (known === axis) return;
    if (known !== undefined) {
      this.reason = `the channels of ${value} are read along two of its axes`;
    } else if (weight === undefined) {
      this.places.set(value, axis);
      this.waiting.push({ value, axis });
    } else if (weight.dtype !== 'float32' || this.facts.index.consumers.get(value)?.length !== 1) {
      this.reason = `the constant ${value} has other readers too`;
    } else {
      this.places.set(value, axis);
      this.addSide({ weight, role: 'writes', axis, starts: [0] });
    }
  }

  private addSide(side: WeightSide): void {
    this.sides.set(`${side.axis} ${side.weight.name}`, side);
  }

  private visit(place: Place): void {
    if (this.facts.index.outputNames.has(place.value)) {
      this.reason = `${place.value} is an output of the model`;
      return;
    }
    this.visitMaker(place);
    for (const node of this.facts.readers(place.value)) if (this.reason === null) this.visitReader(node, place);
  }

  private visitMaker(place: Place): void {
    const layer = this.facts.layerMaking(place.value);
    const node = this.facts.index.producer.get(place.value);
    if (layer !== null) this.write(layer, place);
    else if (node === undefined) this.reason = `${place.value} is an input of the model`;
    else if (isNormalization(node)) this.normalize(node, place);
    else this.carry(node, place);
  }

  private visitReader(node: Node, place: Place): void {
    const layer = this.facts.layerReading(node, place.value);
    if (layer !== null) this.read(layer, place);
    else if (isNormalization(node) && node.inputs[0] === place.value) this.normalize(node, place);
    else this.carry(node, place);
  }

  private write(layer: MatrixLayer, place: Place): void {
    const { weight, matrix, sharesBias } = layer;
    if (!this.isChannelAxis(layer, place) || sharesBias || outputsOf(matrix) !== this.size) {
      this.reason = `${layer.name} cannot write its channels another way`;
      return;
    }
    this.addSide({ weight, role: 'writes', axis: rowsAxis(layer), starts: [0] });
    const bias = biasSide(layer, [0]);
    if (bias !== null) this.addSide(bias);
  }

  private read(layer: MatrixLayer, place: Place): void {
    const axis = columnsAxis(layer);
    if (!this.isChannelAxis(layer, place) || layer.weight.shape[axis] !== this.size) {
      this.reason = `${layer.name} cannot read its channels another way`;
      return;
    }
    this.isRead = true;
    this.addSide({ weight: layer.weight, role: 'reads', axis, starts: [0] });
  }

  /** Groups of a convolution do not see each other's channels. */
  private isChannelAxis({ node, matrix }: MatrixLayer, { value, axis }: Place): boolean {
    if (node.opType === 'Conv') return axis === 1 && matrix.groups === 1;
    return axis === (this.facts.shape(value)?.length ?? 0) - 1;
  }

  private normalize(node: Node, { axis }: Place): void {
    const input = node.inputs[0] ?? '';
    if (axis !== (this.facts.shape(input)?.length ?? 0) - 1 || !normalizesLast(node, this.facts)) {
      this.reason = `${node.opType} works along other axes than the channels'`;
      return;
    }
    this.normalizations.add(node);
    this.take({ value: input, axis });
    this.take({ value: node.outputs[0] ?? '', axis });
  }

  private carry(node: Node, place: Place): void {
    const carried = carriedBy(node, place, this.facts);
    if (carried === null) this.reason = `${place.value} passes ${node.opType}, which no rotation goes through`;
    else for (const each of [...carried.inputs, ...carried.outputs]) this.take(each);
  }
}
