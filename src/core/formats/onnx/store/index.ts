import { indexGraph } from '../../../analysis/graph-order';
import { inferShapes } from '../../../analysis/shapes';
import { encodingOf } from '../../../compression/encodings/encoding-of';
import type { EncodedTensor } from '../../../compression/encodings/encoded-tensor';
import { FreshNames } from '../../../compression/graph/fresh-names';
import { EdgewiseError } from '../../../errors';
import { isFloat } from '../../../model/dtype';
import { encodingLabel, type Encoding } from '../../../model/encoding';
import { elementsOf, type Graph, type Model, type Value, type Weight } from '../../../model/model';
import { quoted } from '../../file-errors';
import type { EncodingStore } from '../../format';
import { storeDequantize, storeProduct } from './affine';
import { storeCast, type UnpackedWeight } from './unpacked-weight';
import { fusesWithDequantize, type GraphUses } from './uses';

/** `Mul` broadcasts as it does today from here on; ONNX Runtime runs no older models either. */
const OLDEST_OPSET = 7;
/** `Cast` knows bfloat16, and `DequantizeLinear` scales along an axis, from here on. */
const MODERN_OPSET = 13;
/** Before it, every initializer has to be listed among the graph's inputs as well. */
const FREE_INITIALIZERS_IR = 4;

/** How ONNX stores encoded weights: a few initializers, and nodes that make the weight of them under its own name. */
export const onnxEncodings: EncodingStore = { refusal, store };

function refusal(encoding: Encoding, model: Model): string | null {
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) {
    return `Opset ${opset} is too old to hold encoded weights. Convert the model to opset ${OLDEST_OPSET} or newer first.`;
  }
  switch (encoding.kind) {
    case 'dense':
      if (!isFloat(encoding.dtype)) return `A weight cannot become ${encoding.dtype} without a scale. Use int8 codes.`;
      if (encoding.dtype === 'float16' || encoding.dtype === 'float32' || encoding.dtype === 'float64') return null;
      if (encoding.dtype === 'bfloat16' && opset >= MODERN_OPSET) return null;
      return `Weights of type ${encoding.dtype} are not stored in ONNX files of opset ${opset} here. The nearest is float16.`;
    case 'affine':
      if (encoding.bits === 8 && encoding.block === null) return null;
      return `${sentenceCase(encodingLabel(encoding))} codes are not stored in ONNX files yet. The nearest is int8 per channel.`;
    case 'palette':
    case 'sparse':
      return `A ${encodingLabel(encoding)} encoding is not stored in ONNX files yet. The nearest is int8 per channel.`;
  }
}

/** @throws EdgewiseError `unsupported` for encodings that `refusal` names, and weights that the graph does not hold. */
function store(model: Model, tensors: ReadonlyMap<string, EncodedTensor>): Model {
  const uses = usesOf(model);
  const names = new FreshNames(model.graph);
  const constants = constantTensors(model.graph);
  const changed = new Map<string, UnpackedWeight>();
  for (const [name, tensor] of tensors) {
    const weight = model.graph.weights.get(name) ?? constants.get(name);
    if (weight === undefined) throw notHeld(name);
    checkShape(name, weight, tensor);
    const reason = refusal(encodingOf(tensor), model);
    if (reason !== null) throw refused(model, reason);
    changed.set(name, unpacked(model, uses, name, weight, tensor, names));
  }
  return changed.size === 0 ? model : { ...model, graph: rebuilt(model, changed) };
}

function unpacked(
  model: Model,
  uses: GraphUses,
  name: string,
  weight: Weight,
  tensor: EncodedTensor,
  names: FreshNames,
): UnpackedWeight {
  if (tensor.kind === 'dense') {
    if (tensor.dtype !== weight.dtype) return storeCast(weight, tensor.dtype, tensor.data, name, names);
    return { weights: [{ ...weight, name, data: { kind: 'stream', stream: tensor.data } }], nodes: [] };
  }
  if (tensor.kind !== 'affine') throw notHeld(name);
  const fuses =
    weight.dtype === 'float32' &&
    tensor.symmetric &&
    opsetOf(model) >= MODERN_OPSET &&
    fusesWithDequantize(uses, name, tensor);
  return fuses ? storeDequantize(tensor, name, names) : storeProduct(weight, tensor, name, names);
}

/** Shapes are inferred when they are first asked for: few models need them. */
function usesOf(model: Model): GraphUses {
  let types: ReturnType<typeof inferShapes> | undefined;
  return {
    index: indexGraph(model.graph),
    rankOf: (value) => (types ??= inferShapes(model)).get(value)?.shape?.length ?? null,
  };
}

/** New initializers take their weight's place in the file; the nodes that read them come first in the graph. */
function rebuilt(model: Model, changed: ReadonlyMap<string, UnpackedWeight>): Graph {
  const { graph } = model;
  const weights = new Map<string, Weight>();
  const add = (weight: Weight) => weights.set(weight.name, weight);
  for (const [name, weight] of graph.weights) (changed.get(name)?.weights ?? [weight]).forEach(add);
  for (const [name, { weights: made }] of changed) if (!graph.weights.has(name)) made.forEach(add);
  const kept = graph.nodes.filter((node) => node.opType !== 'Constant' || !changed.has(node.outputs[0] ?? ''));
  const nodes = [...changed.values()].flatMap((weight) => weight.nodes);
  return { ...graph, weights, nodes: [...nodes, ...kept], inputs: inputsOf(model, changed) };
}

/** A weight that nodes make is no input any more; files before IR 4 list what it is made of. */
function inputsOf(model: Model, changed: ReadonlyMap<string, UnpackedWeight>): readonly Value[] {
  const kept = model.graph.inputs.filter((input) => (changed.get(input.name)?.nodes.length ?? 0) === 0);
  if (irVersionOf(model) >= FREE_INITIALIZERS_IR) return kept;
  const made = [...changed.values()].filter(({ nodes }) => nodes.length > 0).flatMap(({ weights }) => weights);
  return [...kept, ...made.map(({ name, dtype, shape }) => ({ name, type: { dtype, shape } }))];
}

function constantTensors(graph: Graph): Map<string, Weight> {
  const found = new Map<string, Weight>();
  for (const node of graph.nodes) {
    const value = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
    if (value?.kind === 'tensor') found.set(node.outputs[0] ?? '', value.value);
  }
  return found;
}

function checkShape(name: string, weight: Weight, tensor: EncodedTensor): void {
  const same = weight.shape.length === tensor.shape.length && elementsOf(weight.shape) === elementsOf(tensor.shape);
  if (!same) throw new EdgewiseError('internal', `The weight "${name}" was encoded in another shape.`);
}

function refused({ files }: Model, reason: string): EdgewiseError {
  const file = files[0]?.path;
  if (file === undefined) return new EdgewiseError('unsupported', reason);
  return new EdgewiseError('unsupported', `${quoted(file)} cannot hold what was asked for: ${reason}`, { file });
}

function notHeld(name: string): EdgewiseError {
  return new EdgewiseError(
    'unsupported',
    `"${name}" is no weight of the model's main graph, so it cannot be stored encoded. Keep that layer as it is.`,
  );
}

function opsetOf(model: Model): number {
  return model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? 1;
}

/** "IR 8"; unknown counts as new. */
function irVersionOf(model: Model): number {
  const version = /^IR (\d+)$/.exec(model.formatVersion)?.[1];
  return version === undefined ? FREE_INITIALIZERS_IR : Number(version);
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
