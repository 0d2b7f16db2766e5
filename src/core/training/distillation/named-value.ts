import { indexGraph } from '../../analysis/graph-order';
import { layersOf } from '../../analysis/layers';
import { EdgewiseError } from '../../errors';
import type { Model } from '../../model/model';

/**
 * The value that a hint names: a value between nodes, an output, or a layer, which stands for what leaves it.
 * @param who "teacher" or "student", with its file where it has one
 * @throws EdgewiseError `bad-recipe`
 */
export function valueNamed(model: Model, name: string, who: string): string {
  const { producer } = indexGraph(model.graph);
  if (producer.has(name)) return name;
  const layer = layersOf(model).find((each) => each.graph === model.graph && each.name === name);
  if (layer) return layer.output;
  throw new EdgewiseError(
    'bad-recipe',
    `The ${who} has no value and no layer "${name}". Name a layer, an output or a value between its nodes.`,
  );
}

/**
 * The class scores that a model's first output is made of: before a softmax at the end, where there is one, since
 * answers are softened by dividing scores.
 */
export function scoresOf(model: Model): string {
  const output = model.graph.outputs[0]?.name ?? '';
  const last = indexGraph(model.graph).producer.get(output);
  return last?.opType === 'Softmax' && last.domain === '' ? (last.inputs[0] ?? output) : output;
}
