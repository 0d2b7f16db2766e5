import { EdgewiseError } from '../../../errors';
import type { Model } from '../../../model/model';
import { readFrom } from '../origin';
import { MODEL_FIELD } from '../read';
import { templateOf, type Template, type WriteContext } from './context';
import { addFunction, addOpsets } from './encode-function';
import { addGraph } from './encode-graph';
import { addEntries } from './encode-node';
import { Message } from './message';
import { keepsGraph, keepsNode, type WeightStorage } from './storage';

const ENCODED: ReadonlySet<number> = new Set(Object.values(MODEL_FIELD));

/** The whole model as a message: what did not change is copied from the file that it was read from. */
export function encodeModel(model: Model, storage: WeightStorage): Message {
  const context: WriteContext = {
    outline: readFrom(model)?.outline ?? null,
    irVersion: irVersionOf(model),
    opsets: model.opsets,
    storage,
  };
  const template = templateOf(context, model);
  const message = new Message();
  if (template?.was === model && keepsModel(model, storage)) {
    message.copy(template.outline, template.range);
    return message;
  }
  addHead(context, message, model, template);
  template?.copyOthers(message, ENCODED);
  addGraph(context, message, MODEL_FIELD.graph, model.graph);
  for (const definition of model.functions) addFunction(context, message, MODEL_FIELD.functions, definition);
  if (template?.was.metadata === model.metadata) template.copy(message, MODEL_FIELD.metadataProps);
  else addEntries(message, MODEL_FIELD.metadataProps, model.metadata);
  // Last, so that a file that was cut off lacks it and is known to be incomplete.
  if (template?.was.opsets === model.opsets) template.copy(message, MODEL_FIELD.opsetImport);
  else addOpsets(message, MODEL_FIELD.opsetImport, model.opsets);
  return message;
}

function keepsModel(model: Model, storage: WeightStorage): boolean {
  return (
    keepsGraph(storage, model.graph) &&
    model.functions.every((definition) => definition.nodes.every((node) => keepsNode(storage, node)))
  );
}

function addHead(context: WriteContext, message: Message, model: Model, template: Template<Model> | null): void {
  if (template?.was.formatVersion === model.formatVersion) template.copy(message, MODEL_FIELD.irVersion);
  else message.integer(MODEL_FIELD.irVersion, context.irVersion);
  if (template?.was.producer === model.producer) {
    template.copy(message, MODEL_FIELD.producerName);
    template.copy(message, MODEL_FIELD.producerVersion);
  } else {
    const [name = '', ...version] = model.producer.split(' ');
    message.text(MODEL_FIELD.producerName, name);
    message.text(MODEL_FIELD.producerVersion, version.join(' '));
  }
}

/** @throws EdgewiseError when the model's version is not "IR n". */
function irVersionOf(model: Model): number {
  const version = Number(/^IR (\d+)$/.exec(model.formatVersion)?.[1]);
  if (Number.isInteger(version)) return version;
  throw new EdgewiseError('internal', `"${model.formatVersion}" is no version of ONNX.`);
}
