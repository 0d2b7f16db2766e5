import type { ArithmeticRule } from './rule';

const always = (): boolean => true;

/** Becomes `QLinearAdd`: residual connections. */
export const add: ArithmeticRule = { role: 'arithmetic', accepts: always };

/** Becomes `QLinearConcat`, which takes inputs of different scales. */
export const concat: ArithmeticRule = { role: 'arithmetic', accepts: always };

/** AveragePool and GlobalAveragePool; become `QLinearAveragePool`, `QLinearGlobalAveragePool`. */
export const averagePool: ArithmeticRule = { role: 'arithmetic', accepts: always };

/** Becomes `QLinearLeakyRelu`. */
export const leakyRelu: ArithmeticRule = { role: 'arithmetic', accepts: always };
