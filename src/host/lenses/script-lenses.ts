import { isLayer, parametersOf } from './layer-parameters';
import { pythonCalls, type PythonCall } from './python-script';
import type { Parameters } from './sizes';

/** What a training script says of the model it makes. */
export interface ScriptFacts {
  readonly layers: readonly LayerLine[];
  readonly exports: readonly ExportLine[];
}

/** A statement that makes a layer or several. */
export interface LayerLine {
  readonly offset: number;
  /** Of all layers of the line; a text where an input's size is not in it; null where it cannot be told. */
  readonly parameters: Parameters;
  /** Module attributes of the layers that the line makes: "conv1". */
  readonly targets: readonly string[];
}

/** A statement that writes a model file. */
export interface ExportLine {
  readonly offset: number;
  /** As written in the script. */
  readonly path: string;
}

/** Where the path is among the arguments of what writes models. */
const WRITERS: Record<string, { position: number; name: string }> = {
  'torch.onnx.export': { position: 2, name: 'f' },
  'torch.save': { position: 1, name: 'f' },
};

/** Reads a training script by its grammar: constructors of layers, and calls that write a model. Nothing is run. */
export function readScript(text: string): ScriptFacts {
  const calls = pythonCalls(text);
  return { layers: layerLines(text, calls.filter(isLayer)), exports: calls.flatMap(exportLine) };
}

/** One entry a line, however many layers it makes. */
function layerLines(text: string, calls: readonly PythonCall[]): LayerLine[] {
  const byLine = new Map<number, PythonCall[]>();
  for (const call of calls) {
    const start = text.lastIndexOf('\n', call.from - 1) + 1;
    const line = byLine.get(start);
    if (line) line.push(call);
    else byLine.set(start, [call]);
  }
  return [...byLine.values()].map((line) => ({
    offset: line[0]?.from ?? 0,
    parameters: sum(line.map(parametersOf)),
    targets: line.flatMap(({ target }) => (target === null ? [] : [target])),
  }));
}

function sum(all: readonly Parameters[]): Parameters {
  if (all.length === 1) return all[0] ?? null;
  let total = 0;
  for (const one of all) {
    if (typeof one !== 'number') return null;
    total += one;
  }
  return total;
}

function exportLine(call: PythonCall): ExportLine[] {
  const writer = Object.hasOwn(WRITERS, call.callee) ? WRITERS[call.callee] : undefined;
  if (!writer) return [];
  const path = call.named.get(writer.name) ?? call.positional[writer.position];
  return typeof path === 'string' ? [{ offset: call.from, path }] : [];
}
