import { KERAS_LAYERS } from './keras-layers';
import type { PythonCall } from './python-script';
import type { Argument, Parameters, Rule } from './sizes';
import { TORCH_LAYERS } from './torch-layers';

/** Where constructors of layers are imported from. Another framework is one line. */
const MODULES: readonly (readonly [module: string, layers: Readonly<Record<string, Rule>>])[] = [
  ['torch.nn', TORCH_LAYERS],
  ['keras.layers', KERAS_LAYERS],
  ['tensorflow.keras.layers', KERAS_LAYERS],
  ['tensorflow.python.keras.layers', KERAS_LAYERS],
];

/** True for a constructor of a layer with weights. */
export function isLayer(call: PythonCall): boolean {
  return ruleOf(call) !== undefined;
}

/** What the constructor's weights come to; null where that cannot be read off the call. */
export function parametersOf(call: PythonCall): Parameters {
  const argument: Argument = (name, position, usual) => {
    if (call.named.has(name)) return call.named.get(name);
    if (position < call.positional.length) return call.positional[position];
    // What is handed on with ** or * may be any argument.
    return call.complete ? usual : undefined;
  };
  return ruleOf(call)?.(argument) ?? null;
}

function ruleOf({ callee }: PythonCall): Rule | undefined {
  const dot = callee.lastIndexOf('.');
  const name = callee.slice(dot + 1);
  const layers = MODULES.find(([module]) => module === callee.slice(0, dot))?.[1];
  return layers && Object.hasOwn(layers, name) ? layers[name] : undefined;
}
