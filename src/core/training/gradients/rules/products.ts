import { floatAttribute, intAttribute } from '../../../compression/graph/attributes';
import { mul } from '../../graph/arithmetic';
import { gemm, matMul } from '../../graph/product';
import { reshape, swapLastTwo } from '../../graph/shaping';
import type { Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';
import type { GradientCall, GradientRule } from '../rule';

/** `Y = alpha * A' @ B' + beta * C`. */
const gemmGradient: GradientRule = ({ build, node, inputs: [a, b, c], gradients: [dy], wanted }) => {
  if (!a || !b || !dy) return [];
  const [transA, transB] = [intAttribute(node, 'transA', 0) !== 0, intAttribute(node, 'transB', 0) !== 0];
  const scaled = (term: Term, factor: number): Term => (factor === 1 ? term : mul(build, term, factor));
  const product = scaled(dy, floatAttribute(node, 'alpha', 1));
  const left = (): Term =>
    transA ? gemm(build, b, product, { left: transB, right: true }) : gemm(build, product, b, { right: !transB });
  const right = (): Term =>
    transB ? gemm(build, product, a, { left: true, right: transA }) : gemm(build, a, product, { left: !transA });
  return [
    wanted[0] ? left() : null,
    wanted[1] ? right() : null,
    wanted[2] && c ? scaled(dy, floatAttribute(node, 'beta', 1)) : null,
  ];
};

/** NumPy's product: vectors are a row on the left and a column on the right, batches broadcast. */
const matMulGradient: GradientRule = (call) => {
  const {
    build,
    inputs: [a, b],
    gradients: [dy],
    wanted,
  } = call;
  if (!a || !b || !dy) return [];
  const left = a.shape.length === 1 ? reshape(build, a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? reshape(build, b, [...b.shape, 1]) : b;
  const gradient = asMatrix(call, dy);
  const isPlain = right.shape.length === 2 && left.shape.length > 2;
  return [
    wanted[0] ? backInto(call, matMul(build, gradient, swapLastTwo(build, right)), a) : null,
    wanted[1]
      ? backInto(
          call,
          isPlain ? weightGradient(call, left, gradient) : matMul(build, swapLastTwo(build, left), gradient),
          b,
        )
      : null,
  ];
};

/** One product over all rows of all batches, instead of one a batch that are then summed. */
function weightGradient({ build }: GradientCall, left: Term, gradient: Term): Term {
  const rows = (term: Term): Term => {
    const columns = term.shape.at(-1) ?? 1;
    return reshape(build, term, [term.shape.slice(0, -1).reduce((product, length) => product * length, 1), columns]);
  };
  return gemm(build, rows(left), rows(gradient), { left: true });
}

/** The output's gradient with the dimensions that vectors lost. */
function asMatrix({ build, inputs: [a, b] }: GradientCall, dy: Term): Term {
  const withRow = a?.shape.length === 1 ? reshapeInsert(dy.shape, b?.shape.length === 1 ? 0 : 1) : [...dy.shape];
  return reshape(build, dy, b?.shape.length === 1 ? [...withRow, 1] : withRow);
}

/** The shape with a 1 put in, counted from the end. */
const reshapeInsert = (shape: readonly number[], fromEnd: number): number[] => [
  ...shape.slice(0, shape.length - fromEnd),
  1,
  ...shape.slice(shape.length - fromEnd),
];

/** A vector's gradient without the dimension that was put in; batches are summed by `fit`. */
function backInto({ build }: GradientCall, gradient: Term, input: Term): Term {
  if (input.shape.length > 1) return gradient;
  const batch = gradient.shape.slice(0, -2);
  return reshape(build, gradient, [...batch, ...input.shape]);
}

export const PRODUCTS: RuleFamily = { Gemm: rule(gemmGradient), MatMul: rule(matMulGradient) };
