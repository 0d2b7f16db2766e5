import { newWeight } from '../../compression/graph/new-weights';
import type { Attribute, Node, Weight } from '../../model/model';
import { elementsOf } from '../../model/model';
import type { GradientRule } from '../gradients/rule';
import { FIRST_FORMS, type Forms } from './forms';
import { float32, Term, type TermType } from './term';

/** One step of the forward computation, as reverse mode sees it. */
export interface Operation {
  readonly node: Node;
  readonly inputs: readonly (Term | null)[];
  readonly outputs: readonly Term[];
  /** Its own rule; otherwise the operator's in the table. */
  readonly gradient?: GradientRule;
}

/** Gives names that nothing in the graph has yet. */
export interface Names {
  like(name: string): string;
  numbered(prefix: string): string;
}

export interface BuilderOptions {
  readonly names: Names;
  /** Version of the standard operator set, 13 or later. */
  readonly opset: number;
  /** Chooses among forms of one computation; default: the first, which works everywhere. */
  readonly forms?: Forms;
}

/**
 * A graph while it is written, and the tape of what was written: every node becomes an `Operation` that reverse mode
 * can walk back, except inside `primitive` and `unrecorded`.
 */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly weights = new Map<string, Weight>();
  readonly operations: Operation[] = [];
  readonly opset: number;
  readonly forms: Forms;
  readonly names: Names;
  private readonly numbers = new Map<string, readonly number[]>();
  private readonly constants = new Map<string, Term>();
  private readonly made = new Map<string, Term>();
  private recording = true;

  constructor({ names, opset, forms = FIRST_FORMS }: BuilderOptions) {
    this.names = names;
    this.opset = opset;
    this.forms = forms;
  }

  /** Writes a node of the standard operators (or of `domain`) and names its outputs. */
  emit(
    opType: string,
    inputs: readonly (Term | null)[],
    types: readonly TermType[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): readonly Term[] {
    const outputs = types.map(({ dtype, shape }) => new Term(this.names.numbered('ew:t'), dtype, shape));
    this.emitNode(
      {
        ...{ name: '', opType, domain, attributes: new Map(Object.entries(attributes)), metadata: new Map() },
        ...{ inputs: inputs.map((input) => input?.name ?? ''), outputs: outputs.map(({ name }) => name) },
      },
      inputs,
      outputs,
    );
    return outputs;
  }

  /** `emit` for operators with one output. */
  one(
    opType: string,
    inputs: readonly (Term | null)[],
    type: TermType,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): Term {
    const [output] = this.emit(opType, inputs, [type], attributes, domain);
    return output ?? new Term('', type.dtype, type.shape);
  }

  /** Writes a node as it is: its names are those of the terms. */
  emitNode(node: Node, inputs: readonly (Term | null)[], outputs: readonly Term[]): void {
    this.nodes.push(node);
    if (this.recording) this.operations.push({ node, inputs, outputs });
  }

  /**
   * A computation with a gradient of its own: `forward` is written without being recorded, and reverse mode asks
   * `gradient` for all of it at once. Straight-through estimators, fused forms, training forms of operators.
   * @param like the node it stands for, by which errors name it
   */
  primitive(
    like: Node,
    inputs: readonly (Term | null)[],
    forward: () => readonly Term[],
    gradient: GradientRule,
  ): readonly Term[] {
    const outputs = this.unrecorded(forward);
    if (this.recording) this.operations.push({ node: like, inputs, outputs, gradient });
    return outputs;
  }

  /** Writes nodes that reverse mode does not see: gradients, updates, what only measures. */
  unrecorded<Result>(write: () => Result): Result {
    const before = this.recording;
    this.recording = false;
    try {
      return write();
    } finally {
      this.recording = before;
    }
  }

  /** A float32 constant; equal ones are one. A single number may take any shape of one element. */
  constant(values: number | readonly number[], shape: readonly number[] = []): Term {
    const list = typeof values === 'number' ? new Array<number>(elementsOf(shape)).fill(values) : values;
    return this.shared(`f${shape.join()}:${list.join()}`, float32(shape), list, (name) =>
      newWeight(name, 'float32', shape, Float32Array.from(list)),
    );
  }

  /** A one-dimensional int64 constant: shapes, axes, pads. Equal ones are one. */
  integers(values: readonly number[]): Term {
    const type: TermType = { dtype: 'int64', shape: [values.length] };
    return this.shared(`i${values.join()}`, type, values, (name) =>
      newWeight(name, 'int64', [values.length], BigInt64Array.from(values, BigInt)),
    );
  }

  /** A uint8 constant, 0 to 255: a zero point. */
  byte(value: number): Term {
    return this.shared(`u${value}`, { dtype: 'uint8', shape: [] }, [value], (name) =>
      newWeight(name, 'uint8', [], Uint8Array.of(value)),
    );
  }

  /** The numbers of a small constant; null where the value is computed. */
  constantOf(term: Term | null | undefined): readonly number[] | null {
    return term ? (this.numbers.get(term.name) ?? null) : null;
  }

  /** Tells that a value, however it is made, always has these numbers. */
  know(term: Term, numbers: readonly number[]): void {
    this.numbers.set(term.name, numbers);
  }

  /** What `make` writes, once for each key: a value that several forms want in another layout. */
  once(key: string, make: () => Term): Term {
    const known = this.made.get(key);
    if (known) return known;
    const term = make();
    this.made.set(key, term);
    return term;
  }

  private shared(key: string, type: TermType, numbers: readonly number[], make: (name: string) => Weight): Term {
    const known = this.constants.get(key);
    if (known) return known;
    const weight = make(this.names.numbered('ew:c'));
    this.weights.set(weight.name, weight);
    const term = new Term(weight.name, type.dtype, type.shape);
    this.constants.set(key, term);
    this.know(term, numbers);
    return term;
  }
}
