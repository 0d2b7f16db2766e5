import { isPlainGemm } from '../../../folding/output-channels';
import type { WeightReader } from '../../../../formats/weight-reader';
import type { Model, Node, Weight } from '../../../../model/model';
import { floatAttribute, withAttributes } from '../../../graph/attributes';
import { readFloats } from '../../../graph/float-weights';
import { FreshNames } from '../../../graph/fresh-names';
import { float32Weight } from '../../../graph/new-weights';
import { tidy } from '../../../graph/tidy';

/** Multiplies a `Gemm`'s alpha into its weight and beta into its bias, where both are constant float32. */
export async function plainGemms(model: Model, reader: WeightReader): Promise<Model> {
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const scaled = async (name: string, factor: number): Promise<string> => {
    const weight = weights.get(name);
    if (weight === undefined || factor === 1) return name;
    const values = (await readFloats(reader, weight)).map((value) => value * factor);
    const made = float32Weight(names.like(name), weight.shape, values);
    weights.set(made.name, made);
    return made.name;
  };
  const nodes: Node[] = [];
  for (const node of model.graph.nodes) {
    if (!canBePlain(node, weights)) {
      nodes.push(node);
      continue;
    }
    const [a = '', b = '', c = ''] = node.inputs;
    const inputs = [a, await scaled(b, floatAttribute(node, 'alpha', 1))];
    if (c !== '') inputs.push(await scaled(c, floatAttribute(node, 'beta', 1)));
    nodes.push({ ...withAttributes(node, { alpha: undefined, beta: undefined }), inputs });
  }
  return { ...model, graph: tidy({ ...model.graph, nodes, weights }) };
}

function canBePlain(node: Node, weights: ReadonlyMap<string, Weight>): boolean {
  if (node.opType !== 'Gemm' || node.domain !== '' || isPlainGemm(node)) return false;
  const bias = node.inputs[2] ?? '';
  const isFloat = (name: string): boolean => weights.get(name)?.dtype === 'float32';
  return isFloat(node.inputs[1] ?? '') && (bias === '' || isFloat(bias));
}
