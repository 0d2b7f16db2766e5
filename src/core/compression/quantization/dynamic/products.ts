import type { Node, Weight } from '../../../model/model';
import { EdgewiseError } from '../../../errors';
import { loadKernels } from '../../../kernels';
import { intAttribute } from '../../graph/attributes';
import type { AffineScheme, WeightPlan } from '../../encodings/scheme';
import type { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { float32Weight, newWeight } from '../../graph/new-weights';
import { integerCodes, isPlainInt8, WEIGHT_BITS } from '../static/coarse-codes';
import {
  channelMagnitudes,
  REDUCED_WEIGHT_LIMIT,
  WEIGHT_LIMIT,
  weightCodes,
  weightScales,
} from '../static/weight-codes';

/** ONNX's number for the type. */
const FLOAT32 = 1;

/** Of a matrix [inputs, outputs]. */
const OUTPUT_AXIS = 1;

/** The outputs of `DynamicQuantizeLinear` for one value, which all its readers share. */
interface Rounded {
  readonly codes: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

export interface ProductOptions {
  /** Weights: one scale for each output, or one for the tensor. */
  readonly granularity: 'channel' | 'tensor';
  /** Weights in 7 bits, for x86 processors without VNNI. */
  readonly reduceRange: boolean;
  /** Schemes of single weights by name: 8 bits, with scales of their own where a pass chose them. Not with 7 bits. */
  readonly weights?: WeightPlan;
}

/** The nodes that multiply codes: `float(codes * weight codes) * (scale * weight scales) + bias`. */
export class DynamicProducts {
  private readonly rounded = new Map<string, Rounded>();
  private readonly stored = new Map<string, { codes: string; scales: string }>();

  constructor(
    private readonly names: FreshNames,
    private readonly weights: Map<string, Weight>,
    private readonly options: ProductOptions,
  ) {}

  /** What takes the place of a product by `weight`, whose numbers are `values`. */
  async nodesFor(node: Node, weight: Weight, values: Float32Array): Promise<Node[]> {
    const [input = '', , bias = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const nodes: Node[] = [];
    const rounded = this.roundedInput(input, nodes);
    const { codes, scales } = await this.storedWeight(node, weight, values);
    const [sums, floats, scale] = [this.names.numbered('i'), this.names.numbered('f'), this.names.numbered('t')];
    const product = bias === '' ? output : this.names.numbered('p');
    nodes.push(
      newNode('MatMulInteger', [rounded.codes, codes, rounded.zeroPoint], [sums]),
      newNode('Cast', [sums], [floats], { to: { kind: 'int', value: FLOAT32 } }),
      newNode('Mul', [rounded.scale, scales], [scale]),
      { ...newNode('Mul', [floats, scale], [product]), name: node.name, metadata: node.metadata },
    );
    if (bias !== '') nodes.push(newNode('Add', [product, bias], [output]));
    return nodes;
  }

  private roundedInput(input: string, nodes: Node[]): Rounded {
    const known = this.rounded.get(input);
    if (known !== undefined) return known;
    const made = {
      codes: this.names.numbered('q'),
      scale: this.names.numbered('s'),
      zeroPoint: this.names.numbered('z'),
    };
    nodes.push(newNode('DynamicQuantizeLinear', [input], [made.codes, made.scale, made.zeroPoint]));
    this.rounded.set(input, made);
    return made;
  }

  /** Int8 codes [inputs, outputs] and their scales; a transposed weight is turned. */
  private async storedWeight(
    node: Node,
    weight: Weight,
    values: Float32Array,
  ): Promise<{ codes: string; scales: string }> {
    const isTurned = intAttribute(node, 'transB', 0) !== 0;
    const key = `${weight.name} ${isTurned}`;
    const known = this.stored.get(key);
    if (known !== undefined) return known;
    const [rows = 0, columns = 0] = weight.shape;
    const shape = isTurned ? [columns, rows] : [rows, columns];
    const matrix = isTurned ? turned(values, rows, columns) : values;
    const { codes, scales, axis } = await this.codesOf(weight.name, shape, matrix);
    const stored = { codes: this.names.like(`${weight.name}_codes`), scales: this.names.numbered('_') };
    this.weights.set(stored.codes, newWeight(stored.codes, 'int8', shape, codes));
    this.weights.set(stored.scales, float32Weight(stored.scales, axis === null ? [] : [scales.length], scales));
    this.stored.set(key, stored);
    return stored;
  }

  private async codesOf(
    name: string,
    shape: readonly number[],
    values: Float32Array,
  ): Promise<{ codes: Int8Array; scales: Float32Array; axis: number | null }> {
    const scheme = this.schemeOf(name);
    const perChannel = scheme === null ? this.options.granularity === 'channel' : scheme.axis !== null;
    const axis = perChannel ? OUTPUT_AXIS : null;
    const limit = this.options.reduceRange ? REDUCED_WEIGHT_LIMIT : WEIGHT_LIMIT;
    const magnitudes = channelMagnitudes(values, shape, axis);
    if (!magnitudes.every(Number.isFinite)) {
      throw new EdgewiseError(
        'unsupported',
        `The weights "${name}" hold NaN or infinite numbers, which int8 cannot store. Keep that layer, or train it again.`,
      );
    }
    if (scheme !== null) {
      return { ...(await integerCodes(await loadKernels(), { shape, values, axis, layer: name }, scheme)), axis };
    }
    const scales = weightScales(magnitudes, limit);
    return { scales, codes: weightCodes(values, shape, axis, scales, limit), axis };
  }

  /** The scheme of a weight where it says more than int8 of the whole range. */
  private schemeOf(name: string): AffineScheme | null {
    const scheme = this.options.weights?.get(name);
    const says = scheme?.kind === 'affine' && scheme.bits === WEIGHT_BITS && !isPlainInt8(scheme);
    return says && !this.options.reduceRange ? scheme : null;
  }
}

function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const matrix = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      matrix[column * rows + row] = values[row * columns + column] ?? 0;
    }
  }
  return matrix;
}
