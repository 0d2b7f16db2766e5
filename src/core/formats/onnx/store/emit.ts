import type { Attribute, FunctionDefinition, Node, Weight } from '../../../model/model';
import type { SharedParts } from './shared-parts';
import { GENERATED, streamedWeight, type UnpackedWeight } from './unpacked-weight';
import type { Unpacking } from './unpacking/operands';
import type { Program } from './unpacking/program';

/** The domain of the functions that weights are unpacked by. Short, since every call repeats it. */
export const UNPACKING_DOMAIN = 'ew';
const DOMAIN_VERSION = 1;

/** Functions of a model are in files of this version and later. */
const FUNCTIONS_IR = 8;

/**
 * A weight as one call of a function: a line of text in the file. ONNX Runtime puts functions in place and computes them
 * when it loads the model from 1.17 on (tried to 1.32, optimized graphs looked at); older ones compute them at each run.
 */
export function asCall({ program, operands }: Unpacking, name: string, shared: SharedParts): UnpackedWeight {
  const own: Weight[] = [];
  const inputs = operands.map((operand) => operandName(operand, shared, own));
  const call: Node = {
    name: '',
    opType: program.name,
    domain: UNPACKING_DOMAIN,
    inputs,
    outputs: [name],
    attributes: new Map(),
    metadata: new Map(),
  };
  return {
    weights: own,
    nodes: [call],
    functions: [definitionOf(program)],
    needs: { irVersion: FUNCTIONS_IR, opsets: new Map([[UNPACKING_DOMAIN, DOMAIN_VERSION]]) },
  };
}

function definitionOf({ name, inputs, nodes, output }: Program): FunctionDefinition {
  return { domain: UNPACKING_DOMAIN, name, inputs, outputs: [output], nodes };
}

/**
 * A weight as nodes of the graph: for runtimes that know no functions or compute them at each run. ONNX Runtime computes
 * them when it loads the model (tried with 1.17 to 1.32, optimized graphs looked at).
 */
export function asNodes({ program, operands }: Unpacking, name: string, shared: SharedParts): UnpackedWeight {
  const own: Weight[] = [];
  const values = new Map<string, string>();
  /** Values that this weight alone has. */
  const owned = new Set<string>();
  operands.forEach((operand, index) => {
    const formal = program.inputs[index] ?? '';
    values.set(formal, operandName(operand, shared, own));
    if (operand.kind === 'own') owned.add(formal);
  });
  const nodes: Node[] = [];
  for (const node of program.nodes) {
    const [output = ''] = node.outputs;
    const inputs = node.inputs.map((input) => values.get(input) ?? '');
    if (output === program.output) nodes.push({ ...node, inputs, outputs: [name] });
    else if (node.opType === 'Constant') values.set(output, constantName(node.attributes, shared));
    else if (node.inputs.some((input) => owned.has(input))) {
      const value = shared.names.numbered(GENERATED);
      owned.add(output);
      values.set(output, value);
      nodes.push({ ...node, inputs, outputs: [value] });
    } else values.set(output, shared.computed({ ...node, inputs }));
  }
  return { weights: own, nodes };
}

function operandName(operand: Unpacking['operands'][number], shared: SharedParts, own: Weight[]): string {
  if (operand.kind === 'shared') return shared.constant(operand.dtype, operand.shape, operand.numbers);
  const name = shared.names.numbered(GENERATED);
  own.push(streamedWeight(name, operand.dtype, operand.shape, operand.stream));
  return name;
}

/** An initializer takes fewer bytes than a `Constant` node. */
function constantName(attributes: ReadonlyMap<string, Attribute>, shared: SharedParts): string {
  const [attribute] = attributes.values();
  switch (attribute?.kind) {
    case 'int':
      return shared.constant('int64', [], [attribute.value]);
    case 'ints':
      return shared.constant('int64', [attribute.value.length], attribute.value);
    case 'float':
      return shared.constant('float32', [], [attribute.value]);
    case 'floats':
      return shared.constant('float32', [attribute.value.length], attribute.value);
    default:
      throw new RangeError('Programs have constants of integers and floats only.');
  }
}
