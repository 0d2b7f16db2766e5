import type { Attribute } from '../../../../src/core/model/model';
import type { CaseInput } from './case';

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const text = (value: string): Attribute => ({ kind: 'string', value });

/** An int64 initializer: axes, shapes, pads. */
export const integers = (values: readonly number[]): CaseInput => ({
  ...{ shape: [values.length], values, integers: true, constant: true },
});

/** An initializer of one number. */
export const scalar = (value: number): CaseInput => ({ shape: [], values: [value], constant: true });
