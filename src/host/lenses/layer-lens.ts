import * as vscode from 'vscode';
import type { LayerSummary, ModelSummary } from '../../core/analysis/summary.schema';
import { sizeText } from '../compress/size-text';
import type { ModelDocument } from '../documents/model-document';
import type { LayerSuggestions } from './layer-suggestions';
import type { LayerLine } from './script-lenses';
import type { Parameters } from './sizes';

/** The lens of a line that makes layers: what they cost, and where the script's model has them, a way there. */
export function layerLens(
  range: vscode.Range,
  line: LayerLine,
  model: ModelDocument | null,
  suggestions: LayerSuggestions,
): vscode.CodeLens[] {
  const layers = model?.summary ? layersOf(model.summary, line.targets) : [];
  const [first] = layers;
  const parts = [parametersText(line.parameters)];
  if (model && first) {
    parts.push(`${sizeText(layers.reduce((sum, layer) => sum + layer.bytes, 0))} in ${model.name}`);
    const suggestion = layers.length === 1 ? suggestions.of(model, first.name) : null;
    if (suggestion)
      parts.push(`suggestion: remove ${suggestion.remove} of ${suggestion.of} ${suggestion.unit} (estimate)`);
  }
  const title = parts.filter((part) => part !== '').join(' · ');
  if (title === '') return [];
  const command: vscode.Command =
    model && first
      ? {
          title,
          command: 'edgewise.revealLayer',
          arguments: [model.uri, first.name],
          tooltip: `Show ${first.name} in ${model.name}`,
        }
      : { title, command: '' };
  return [new vscode.CodeLens(range, command)];
}

/** Layers of the model that a module attribute names: "conv1", or "layer1.0.conv1" for one in a block. */
function layersOf(summary: ModelSummary, targets: readonly string[]): LayerSummary[] {
  return summary.layers.filter(
    ({ name, weights }) =>
      weights.length > 0 && targets.some((target) => name === target || name.endsWith(`.${target}`)),
  );
}

const UNITS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;

function parametersText(parameters: Parameters): string {
  if (parameters === null) return '';
  if (typeof parameters === 'string') return `${parameters} parameters`;
  const unit = UNITS.find(([least]) => parameters >= least);
  const amount = unit ? `${Number((parameters / unit[0]).toPrecision(3))} ${unit[1]}` : String(parameters);
  return `${amount} ${parameters === 1 ? 'parameter' : 'parameters'}`;
}
