import type { DType } from '../../../../model/dtype';
import type { ByteStream } from '../../../../model/model';
import { ProgramBuilder, type Program } from './program';

/** What a program is run on. */
export type Operand =
  /** An initializer of this weight alone. */
  | { readonly kind: 'own'; readonly dtype: DType; readonly shape: readonly number[]; readonly stream: ByteStream }
  /** Integers that other weights need as well, such as a shape: one initializer for all. */
  | {
      readonly kind: 'shared';
      readonly dtype: 'int64' | 'int32';
      readonly shape: readonly number[];
      readonly numbers: readonly number[];
    };

/** A weight as a program and what it is run on, in the order of the program's inputs. */
export interface Unpacking {
  readonly program: Program;
  readonly operands: readonly Operand[];
}

/** Puts a weight's program together with what it is run on. */
export class UnpackingBuilder extends ProgramBuilder {
  private readonly operands: Operand[] = [];
  private readonly sharedInputs = new Map<string, string>();

  own(dtype: DType, shape: readonly number[], stream: ByteStream): string {
    this.operands.push({ kind: 'own', dtype, shape, stream });
    return this.input();
  }

  /** An int64 vector that other weights may need too. */
  shape(numbers: readonly number[]): string {
    return this.shared('int64', [numbers.length], numbers);
  }

  shared(dtype: 'int64' | 'int32', shape: readonly number[], numbers: readonly number[]): string {
    const key = `${dtype} ${shape.join()} ${numbers.join()}`;
    const known = this.sharedInputs.get(key);
    if (known !== undefined) return known;
    this.operands.push({ kind: 'shared', dtype, shape, numbers });
    const name = this.input();
    this.sharedInputs.set(key, name);
    return name;
  }

  unpacking(name: string, output: string): Unpacking {
    return { program: this.program(name, output), operands: this.operands };
  }
}
