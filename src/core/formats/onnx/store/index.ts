import { indexGraph } from '../../../analysis/graph-order';
import { inferShapes } from '../../../analysis/shapes';
import { encodingOf } from '../../../compression/encodings/encoding-of';
import type { EncodedTensor } from '../../../compression/encodings/encoded-tensor';
import { FreshNames } from '../../../compression/graph/fresh-names';
import { EdgewiseError } from '../../../errors';
import { elementsOf, type Model, type Weight } from '../../../model/model';
import { quoted } from '../../file-errors';
import type { EncodingStore, StorageForm } from '../../format';
import { chooseForm, LARGEST_FOLDED_BYTES } from './choose';
import { madeWeights, withoutMakers } from './earlier-form';
import { opsetOf } from './file-needs';
import { neededOpset } from './native';
import { DEQUANTIZE_OPSET } from './native/dequantize';
import { rebuilt } from './rebuilt';
import { needsRaising, raised, refusal } from './refusal';
import { SharedParts } from './shared-parts';
import { bytesInFile } from './size';
import type { UnpackedWeight } from './unpacked-weight';
import type { GraphUses } from './uses';

/** How ONNX stores encoded weights: a few initializers, and nodes that make the weight of them under its own name. */
export const onnxEncodings = { refusal, store, bytes } satisfies EncodingStore;

/**
 * @param largest bytes to which ONNX Runtime unpacks a weight when it loads the model
 * @throws EdgewiseError `unsupported` for encodings that `refusal` names, and weights that the graph does not hold.
 */
function store(
  model: Model,
  tensors: ReadonlyMap<string, EncodedTensor>,
  form: StorageForm = 'smallest',
  largest = LARGEST_FOLDED_BYTES,
): Model {
  if (tensors.size === 0) return model;
  const target = targetFor(model, tensors, form);
  const { uses, weightOf } = knownOf(target);
  const cleared = { ...target, graph: withoutMakers(target.graph, new Set(tensors.keys())) };
  const shared = new SharedParts(cleared.graph, new FreshNames(target.graph));
  const changed = new Map<string, UnpackedWeight>();
  for (const [name, tensor] of tensors) {
    const weight = held(weightOf, name, tensor);
    changed.set(name, chooseForm({ model: target, uses, name, weight, form, largest }, tensor, shared));
  }
  return rebuilt(cleared, changed, shared);
}

/**
 * Bytes of the weight's own initializers and nodes in the file when it is stored alone. What weights share is on top,
 * once for all: a function of 0.3 to 0.7 KB for each kind of encoding, and the shapes. What the graph tells is looked up
 * once, so that a search may ask for every weight of a deep graph in many encodings.
 * @throws EdgewiseError as `store` does.
 */
function bytes(
  model: Model,
  name: string,
  tensor: EncodedTensor,
  form: StorageForm = 'smallest',
  largest = LARGEST_FOLDED_BYTES,
): number {
  const target = targetFor(model, new Map([[name, tensor]]), form);
  const { uses, weightOf, shared } = knownOf(target);
  const place = { model: target, uses, name, weight: held(weightOf, name, tensor), form, largest };
  return bytesInFile(target, chooseForm(place, tensor, shared().continued()));
}

/** What does not change from weight to weight. */
interface Known {
  readonly uses: GraphUses;
  readonly weightOf: (name: string) => Weight | undefined;
  /** What the graph has already; to be continued, not added to. */
  readonly shared: () => SharedParts;
}

/** Models are never changed in place. */
const KNOWN = new WeakMap<Model, Known>();

function knownOf(model: Model): Known {
  const known = KNOWN.get(model);
  if (known !== undefined) return known;
  let shared: SharedParts | undefined;
  const made: Known = {
    uses: usesOf(model),
    weightOf: weightsOf(model),
    shared: () => (shared ??= new SharedParts(model.graph)),
  };
  KNOWN.set(model, made);
  return made;
}

/** The model, raised where an encoding needs newer operators. */
function targetFor(model: Model, tensors: ReadonlyMap<string, EncodedTensor>, form: StorageForm): Model {
  let least = 0;
  for (const [name, tensor] of tensors) {
    const encoding = encodingOf(tensor);
    const reason = refusal(encoding, model, form);
    if (reason !== null) throw refused(model, reason);
    if (needsRaising(encoding, form)) least = Math.max(least, DEQUANTIZE_OPSET, nativeOpset(model, name, tensor, form));
  }
  return least === 0 ? model : raised(model, least);
}

function nativeOpset(model: Model, name: string, tensor: EncodedTensor, form: StorageForm): number {
  if (form !== 'native' || tensor.kind !== 'affine') return 0;
  const { uses, weightOf } = knownOf(model);
  const place = { uses, name, weight: held(weightOf, name, tensor), opset: opsetOf(model) };
  return neededOpset(place, tensor) ?? 0;
}

/** Shapes are inferred when they are first asked for: few models need them. */
function usesOf(model: Model): GraphUses {
  let types: ReturnType<typeof inferShapes> | undefined;
  return {
    index: indexGraph(model.graph),
    shapeOf: (value) =>
      model.graph.weights.get(value)?.shape ?? (types ??= inferShapes(model)).get(value)?.shape ?? null,
  };
}

/** Initializers, tensors of `Constant` nodes, and weights that are encoded already. */
function weightsOf(model: Model): (name: string) => Weight | undefined {
  const constants = new Map<string, Weight>();
  for (const node of model.graph.nodes) {
    const value = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
    if (value?.kind === 'tensor') constants.set(node.outputs[0] ?? '', value.value);
  }
  const made = madeWeights(model);
  return (name) => model.graph.weights.get(name) ?? constants.get(name) ?? made(name);
}

function held(weightOf: (name: string) => Weight | undefined, name: string, tensor: EncodedTensor): Weight {
  const weight = weightOf(name);
  if (weight === undefined) {
    throw new EdgewiseError(
      'unsupported',
      `"${name}" is no weight of the model's main graph, so it cannot be stored encoded. Keep that layer as it is.`,
    );
  }
  const same = weight.shape.length === tensor.shape.length && elementsOf(weight.shape) === elementsOf(tensor.shape);
  if (!same) throw new EdgewiseError('internal', `The weight "${name}" was encoded in another shape.`);
  return weight;
}

function refused({ files }: Model, reason: string): EdgewiseError {
  const file = files[0]?.path;
  if (file === undefined) return new EdgewiseError('unsupported', reason);
  return new EdgewiseError('unsupported', `${quoted(file)} cannot hold what was asked for: ${reason}`, { file });
}
