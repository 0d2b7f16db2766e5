import type { FunctionDefinition } from '../../../model/model';
import { operatorSetId } from '../schema';
import { templateOf, unchangedRange, type WriteContext } from './context';
import { addNode } from './encode-node';
import { Message } from './message';
import { keepsNode } from './storage';

/** Field numbers of `FunctionProto` that are encoded anew. */
const FUNCTION = { name: 1, input: 4, output: 5, node: 7, domain: 10 } as const;
const FUNCTION_ENCODED: ReadonlySet<number> = new Set(Object.values(FUNCTION));
const FUNCTION_OPSETS = 9;

/** Adds a function of the model, copied where nothing in it changed. */
export function addFunction(
  context: WriteContext,
  parent: Message,
  field: number,
  definition: FunctionDefinition,
): void {
  const range = unchangedRange(context, definition);
  if (
    range !== null &&
    context.outline !== null &&
    definition.nodes.every((node) => keepsNode(context.storage, node))
  ) {
    parent.copiedMessage(field, context.outline, range);
    return;
  }
  const message = new Message();
  const template = templateOf(context, definition);
  message.text(FUNCTION.name, definition.name);
  for (const input of definition.inputs) message.bytesField(FUNCTION.input, Buffer.from(input, 'utf8'));
  for (const output of definition.outputs) message.bytesField(FUNCTION.output, Buffer.from(output, 'utf8'));
  for (const node of definition.nodes) addNode(context, message, FUNCTION.node, node);
  message.text(FUNCTION.domain, definition.domain);
  if (template) template.copyOthers(message, FUNCTION_ENCODED);
  else addOpsets(message, FUNCTION_OPSETS, context.opsets);
  parent.message(field, message);
}

export function addOpsets(message: Message, field: number, opsets: ReadonlyMap<string, number>): void {
  for (const [domain, version] of opsets) {
    // The standard operators' domain is written by leaving it out, as exporters do.
    message.bytesField(field, operatorSetId.encode(domain === '' ? { version } : { domain, version }));
  }
}
