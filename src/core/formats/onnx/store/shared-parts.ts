import { FreshNames } from '../../../compression/graph/fresh-names';
import { newWeight } from '../../../compression/graph/new-weights';
import type { DType } from '../../../model/dtype';
import type { Attribute, Graph, Node, Weight } from '../../../model/model';
import { GENERATED } from './unpacked-weight';

/** Tensors of more bytes are no shapes and tables, and are not looked at. */
const LARGEST_SHARED_BYTES = 1024;

const SHARED_DTYPES: ReadonlySet<DType> = new Set(['int64', 'int32', 'float32']);

/** What several weights of a graph are unpacked with: shapes, tables of codes. Each is in the file once. */
export class SharedParts {
  readonly weights: Weight[] = [];
  readonly nodes: Node[] = [];
  private readonly known = new Map<string, string>();
  private before: SharedParts | null = null;

  constructor(
    graph: Graph,
    readonly names: FreshNames = new FreshNames(graph),
  ) {
    const inputs = new Set(graph.inputs.map((input) => input.name));
    for (const [name, weight] of graph.weights) {
      // What callers may replace is no constant.
      if (inputs.has(name) || !SHARED_DTYPES.has(weight.dtype) || weight.data.kind !== 'bytes') continue;
      if (weight.data.bytes.byteLength <= LARGEST_SHARED_BYTES) this.known.set(keyOf(weight), name);
    }
  }

  /** The same parts, to which others can be added without a change to these: no copy, whatever the graph's size. */
  continued(): SharedParts {
    const next = new SharedParts(NO_GRAPH, new FreshNames(this.names));
    next.before = this;
    return next;
  }

  /** The name of an initializer with these numbers. */
  constant(dtype: 'int64' | 'int32' | 'float32', shape: readonly number[], numbers: readonly number[]): string {
    const weight = newWeight('', dtype, shape, arrayOf(dtype, numbers));
    return this.once(keyOf(weight), (name) => {
      this.weights.push({ ...weight, name });
    });
  }

  /** The output of a node that computes the same of the same. */
  computed(node: Node): string {
    const attributes = [...node.attributes].map(([name, attribute]) => `${name}=${attributeKey(attribute)}`);
    return this.once(`${node.opType}(${node.inputs.join(', ')}) ${attributes.join()}`, (name) => {
      this.nodes.push({ ...node, outputs: [name] });
    });
  }

  private nameOf(key: string): string | undefined {
    return this.known.get(key) ?? this.before?.nameOf(key);
  }

  private once(key: string, make: (name: string) => void): string {
    const known = this.nameOf(key);
    if (known !== undefined) return known;
    const name = this.names.numbered(GENERATED);
    this.known.set(key, name);
    make(name);
    return name;
  }
}

export const NO_GRAPH: Graph = { name: '', nodes: [], inputs: [], outputs: [], values: new Map(), weights: new Map() };

function keyOf({ dtype, shape, data }: Weight): string {
  const bytes = data.kind === 'bytes' ? Buffer.from(data.bytes).toString('base64') : '';
  return `${dtype} ${shape.join()} ${bytes}`;
}

function attributeKey(attribute: Attribute): string {
  return attribute.kind === 'int' || attribute.kind === 'ints' ? `${attribute.kind} ${String(attribute.value)}` : '';
}

function arrayOf(dtype: 'int64' | 'int32' | 'float32', numbers: readonly number[]) {
  if (dtype === 'int64') return BigInt64Array.from(numbers, (number) => BigInt(number));
  return dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
}
