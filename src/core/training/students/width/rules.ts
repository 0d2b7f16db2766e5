import { intAttribute, intsAttribute } from '../../../compression/graph/attributes';
import { axisOf, fixAxis, flat, productSize, unify, type Axis } from './axis';
import { broadcast, type AxisRule } from './rule';

const length = (axis: Axis): number => axis.reduce((sum, product) => sum + productSize(product), 0);
const fixedAxes = (shape: readonly number[]): Axis[] => shape.map((size) => axisOf(size, true));

const same: AxisRule = (call) => [call.input(0)];

const elementwise: AxisRule = (call) => [
  broadcast(
    call.node.inputs.flatMap((name, index) => (name === '' ? [] : [call.input(index)])),
    length,
  ),
];

/** Batch and channels pass, positions are new. */
const positions: AxisRule = (call) => {
  const [batch = [], channels = []] = call.input(0);
  return call.node.outputs.map((_, index) => [batch, channels, ...fixedAxes(call.outputShape(index).slice(2))]);
};

const convolution: AxisRule = (call) => {
  const [batch = [], channels = []] = call.input(0);
  const [filters = [], depth = [], ...kernel] = call.input(1);
  kernel.forEach(fixAxis);
  const group = intAttribute(call.node, 'group', 1);
  if (group === 1) unify(channels, depth);
  else if (group === length(channels) && group === length(filters)) unify(channels, filters);
  else [channels, filters, depth].forEach(fixAxis);
  const [bias] = call.input(2);
  if (bias) unify(filters, bias);
  return [[batch, filters, ...fixedAxes(call.outputShape(0).slice(2))]];
};

const transposedConvolution: AxisRule = (call) => {
  const [batch = [], channels = []] = call.input(0);
  const [depth = [], filters = [], ...kernel] = call.input(1);
  kernel.forEach(fixAxis);
  unify(channels, depth);
  if (intAttribute(call.node, 'group', 1) !== 1) [depth, filters].forEach(fixAxis);
  const [bias] = call.input(2);
  if (bias) unify(filters, bias);
  const isWhole = intAttribute(call.node, 'group', 1) === 1;
  return [
    [
      batch,
      ...(isWhole ? [filters] : fixedAxes(call.outputShape(0).slice(1, 2))),
      ...fixedAxes(call.outputShape(0).slice(2)),
    ],
  ];
};

const gemm: AxisRule = (call) => {
  const turned = (index: number, attribute: string): readonly Axis[] =>
    intAttribute(call.node, attribute, 0) === 0 ? call.input(index) : [...call.input(index)].reverse();
  const [rows = [], inner = []] = turned(0, 'transA');
  const [depth = [], columns = []] = turned(1, 'transB');
  unify(inner, depth);
  const result = [rows, columns];
  if (call.node.inputs[2]) broadcast([result, call.input(2)], length);
  return [result];
};

const matMul: AxisRule = (call) => {
  const [left, right] = [call.input(0), call.input(1)];
  const [inner, depth] = [left.at(-1), right.at(-2)];
  if (!inner || !depth || left.length < 2) return fixed(call);
  unify(inner, depth);
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)], length);
  return [[...batch, left.at(-2) ?? [], right.at(-1) ?? []]];
};

/** Parameters of one number a channel. */
const perChannel: AxisRule = (call) => {
  const axes = call.input(0);
  call.node.inputs.slice(1).forEach((_, index) => {
    const [own] = call.input(index + 1);
    if (own) unify(axes[1] ?? [], own);
  });
  return [axes];
};

/** Parameters of the axes from `axis` on. */
const layerNormalization: AxisRule = (call) => {
  const axes = call.input(0);
  const values = [axes, ...call.node.inputs.slice(1).map((_, index) => call.input(index + 1))];
  broadcast(values, length);
  return [axes, ...call.node.outputs.slice(1).map((_, index) => fixedAxes(call.outputShape(index + 1)))];
};

/** What a sum of exponentials runs over has to stay. */
const softmax: AxisRule = (call) => {
  const axes = call.input(0);
  const axis = intAttribute(call.node, 'axis', call.opset < 13 ? 1 : -1);
  const from = axis < 0 ? axes.length + axis : axis;
  axes.slice(from, call.opset < 13 ? undefined : from + 1).forEach(fixAxis);
  return [axes];
};

const transpose: AxisRule = (call) => {
  const axes = call.input(0);
  const order = intsAttribute(call.node, 'perm') ?? axes.map((_, at) => axes.length - 1 - at);
  return [order.map((from) => axes[from] ?? [])];
};

/** Flatten, Reshape, Squeeze and Unsqueeze: the same elements in the same order. */
const reshape: AxisRule = (call) => {
  const [axes, shape] = [call.input(0), call.outputShape(0)];
  const result: Axis[] = [];
  let from = 0;
  for (let to = 0; to < shape.length;) {
    const given: Axis[] = [];
    const wanted: number[] = [];
    let [own, asked] = [1, 1];
    do {
      if (own <= asked && from < axes.length) {
        const axis = axes[from++] ?? [];
        given.push(axis);
        own *= length(axis);
      } else {
        const size = shape[to++] ?? 1;
        wanted.push(size);
        asked *= size;
      }
    } while ((own !== asked || wanted.length === 0) && (from < axes.length || to < shape.length));
    result.push(...regrouped(given, wanted));
  }
  axes.slice(from).forEach(fixAxis);
  return [result];
};

function regrouped(given: readonly Axis[], wanted: readonly number[]): Axis[] {
  const [only] = given;
  if (given.length === 1 && wanted.length === 1 && only) return [only];
  const products = given.map(flat);
  const isSum = products.some((sums, at) => sums === null || (sums.length > 1 && at > 0));
  const [head] = products;
  if (wanted.length === 1 && !isSum && head) {
    const rest = products.slice(1).flatMap((sums) => sums?.[0] ?? []);
    return [head.map((product) => [...product, ...rest])];
  }
  if (isSum || (head && head.length > 1)) given.forEach(fixAxis);
  const result = wanted.map((size) => axisOf(size));
  if (isSum || (head && head.length > 1)) {
    result.forEach(fixAxis);
    return result;
  }
  unify([products.flatMap((sums) => sums?.[0] ?? [])], [result.flatMap(([product]) => product ?? [])]);
  return result;
}

const concat: AxisRule = (call) => {
  const values = call.node.inputs.map((_, index) => call.input(index));
  const rank = values[0]?.length ?? 0;
  const axis = intAttribute(call.node, 'axis', 0);
  const along = axis < 0 ? rank + axis : axis;
  return [
    Array.from({ length: rank }, (_, at) => {
      const [first = [], ...others] = values.map((axes) => axes[at] ?? []);
      if (at === along) return [first, ...others].flat();
      for (const other of others) unify(first, other);
      return first;
    }),
  ];
};

const split: AxisRule = (call) => {
  const axes = call.input(0);
  const axis = intAttribute(call.node, 'axis', 0);
  const along = axis < 0 ? axes.length + axis : axis;
  const parts = call.node.outputs.map((_, index) => axisOf(call.outputShape(index)[along] ?? 1));
  unify(axes[along] ?? [], parts.flat());
  // Lengths that are attributes are left as they are.
  if (call.opset < 13) parts.forEach(fixAxis);
  return parts.map((part) => axes.map((each, at) => (at === along ? part : each)));
};

const gather: AxisRule = (call) => {
  const axes = call.input(0);
  const axis = intAttribute(call.node, 'axis', 0);
  const along = axis < 0 ? axes.length + axis : axis;
  fixAxis(axes[along] ?? []);
  const indices = call.inputShape(1);
  return [[...axes.slice(0, along), ...fixedAxes(indices), ...axes.slice(along + 1)]];
};

/** Slice, Pad, Resize: axes whose length changes have to stay, others pass. */
const resized: AxisRule = (call) => {
  const shape = call.outputShape(0);
  // Sizes that are stated name the channels, too.
  if (call.node.opType === 'Resize' && call.node.inputs[3]) return fixed(call);
  return [
    call.input(0).map((axis, at) => {
      if (length(axis) === shape[at]) return axis;
      fixAxis(axis);
      return axisOf(shape[at] ?? 1, true);
    }),
  ];
};

const reduction: AxisRule = (call) => {
  const axes = call.input(0);
  const given = intsAttribute(call.node, 'axes') ?? call.numbers(1);
  if (!given) return fixed(call);
  const reduced = new Set(given.map((axis) => (axis < 0 ? axes.length + axis : axis)));
  const keeps = intAttribute(call.node, 'keepdims', 1) !== 0;
  return [axes.flatMap((axis, at) => (reduced.has(at) ? (keeps ? [axisOf(1)] : []) : [axis]))];
};

/** An operator that nothing is known of: all that it reads and gives stays. */
export const fixed: AxisRule = (call) => {
  call.node.inputs.forEach((_, index) => {
    call.input(index).forEach(fixAxis);
  });
  return call.node.outputs.map((_, index) => fixedAxes(call.outputShape(index)));
};

const sizeOf: AxisRule = (call) => call.node.outputs.map((_, index) => fixedAxes(call.outputShape(index)));

const each = (names: string, rule: AxisRule): (readonly [string, AxisRule])[] =>
  names.split(' ').map((name) => [name, rule]);

/** One line an operator, or a family of them; others stay whole. */
export const AXIS_RULES: ReadonlyMap<string, AxisRule> = new Map([
  ...each('Relu LeakyRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign Gelu Mish Erf', same),
  ...each('Abs Neg Exp Log Sqrt Reciprocal Floor Ceil Round Sign Sin Cos Identity Clip Cast Dropout', same),
  ...each('ThresholdedRelu Not', same),
  ...each('Add Sub Mul Div Pow Min Max Mean Sum PRelu Where Equal Greater Less And Or', elementwise),
  ...each('MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool GlobalLpPool', positions),
  ...each('Conv', convolution),
  ...each('ConvTranspose', transposedConvolution),
  ...each('Gemm', gemm),
  ...each('MatMul', matMul),
  ...each('BatchNormalization InstanceNormalization', perChannel),
  ...each('LayerNormalization SimplifiedLayerNormalization RMSNormalization', layerNormalization),
  ...each('Softmax LogSoftmax', softmax),
  ...each('Transpose', transpose),
  ...each('Flatten Reshape Squeeze Unsqueeze', reshape),
  ...each('Concat', concat),
  ...each('Split', split),
  ...each('Gather', gather),
  ...each('Slice Pad Resize', resized),
  ...each('ReduceMean ReduceSum ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp', reduction),
  ...each('Shape Size', sizeOf),
]);
