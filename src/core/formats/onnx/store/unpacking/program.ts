import { newNode } from '../../../../compression/graph/new-nodes';
import type { Attribute, Node } from '../../../../model/model';

/**
 * Standard operators (set 13 and later) that make a weight of its initializers. ONNX Runtime computes them once, when it
 * creates a session, so that inference is the dense model's: every shape in a program is known without running it, and
 * no operator's output depends on the values in another way, since the runtime leaves those in the graph.
 */
export interface Program {
  /** What the program does, its variant included: the same name is the same program. */
  readonly name: string;
  /** Names that stand for the weight's initializers. */
  readonly inputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly output: string;
}

/** Puts a program together, node by node; values get the shortest names. */
export class ProgramBuilder {
  private readonly inputs: string[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, string>();
  private count = 0;

  /** One more initializer of the weight. */
  input(): string {
    const name = this.value();
    this.inputs.push(name);
    return name;
  }

  op(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = this.value();
    this.nodes.push(newNode(opType, inputs, [output], attributes));
    return output;
  }

  /** An int64 scalar. */
  int(value: number): string {
    return this.constant({ value_int: { kind: 'int', value } });
  }

  /** An int64 vector. */
  ints(...value: number[]): string {
    return this.constant({ value_ints: { kind: 'ints', value } });
  }

  /** A float32 scalar. */
  float(value: number): string {
    return this.constant({ value_float: { kind: 'float', value } });
  }

  /** A float32 vector. */
  floats(...value: number[]): string {
    return this.constant({ value_floats: { kind: 'floats', value } });
  }

  program(name: string, output: string): Program {
    return { name, inputs: this.inputs, nodes: this.nodes, output };
  }

  private constant(attributes: Readonly<Record<string, Attribute>>): string {
    const key = JSON.stringify(attributes);
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.op('Constant', [], attributes);
    this.constants.set(key, name);
    return name;
  }

  private value(): string {
    return this.count++ < LETTERS.length ? (LETTERS[this.count - 1] ?? '') : `_${this.count.toString(36)}`;
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
