import { add, cos, div, exp, mul, neg, sign, sin, sqrt, square, sub } from '../../graph/arithmetic';
import { elementwise, rule, type RuleFamily } from '../family';

/** Constant between its steps: nothing before it gets a gradient from it. */
const flat = rule(() => []);

/** Functions of one variable, by their names in calculus. */
export const ELEMENTARY: RuleFamily = {
  Neg: elementwise((build, { dy }) => neg(build, dy)),
  Abs: elementwise((build, { dy, x }) => mul(build, dy, sign(build, x))),
  Sqrt: elementwise((build, { dy, y }) => div(build, mul(build, dy, 0.5), y)),
  Exp: elementwise((build, { dy, y }) => mul(build, dy, y)),
  Log: elementwise((build, { dy, x }) => div(build, dy, x)),
  Reciprocal: elementwise((build, { dy, y }) => neg(build, mul(build, dy, square(build, y)))),
  Erf: elementwise((build, { dy, x }) =>
    mul(build, dy, mul(build, exp(build, neg(build, square(build, x))), 2 / Math.sqrt(Math.PI))),
  ),
  Sin: elementwise((build, { dy, x }) => mul(build, dy, cos(build, x))),
  Cos: elementwise((build, { dy, x }) => neg(build, mul(build, dy, sin(build, x)))),
  Tan: elementwise((build, { dy, y }) => mul(build, dy, add(build, square(build, y), 1))),
  Asin: elementwise((build, { dy, x }) => div(build, dy, sqrt(build, sub(build, 1, square(build, x))))),
  Acos: elementwise((build, { dy, x }) => neg(build, div(build, dy, sqrt(build, sub(build, 1, square(build, x)))))),
  Atan: elementwise((build, { dy, x }) => div(build, dy, add(build, square(build, x), 1))),
  Floor: flat,
  Ceil: flat,
  Round: flat,
  Sign: flat,
};
