import { intAttribute, withAttributes } from '../../compression/graph/attributes';
import { readFloats } from '../../compression/graph/float-weights';
import { FreshNames } from '../../compression/graph/fresh-names';
import { newNode } from '../../compression/graph/new-nodes';
import { float32Weight } from '../../compression/graph/new-weights';
import { openWeights } from '../../formats/weight-reader';
import { elementsOf, type Model, type Node, type Weight } from '../../model/model';
import type { JobContext } from '../../progress';
import { withGraph } from './live-nodes';
import { singularValues, type SingularValues } from './singular-values';

export interface LowRankOptions {
  /** From 2 on the rank; up to 1 the share of the squared singular values that stays. */
  readonly rank: number;
  /** Also rewrites layers that become larger by it. */
  readonly evenIfLarger?: boolean;
}

/**
 * A network whose layers are two of low rank each, by the singular value decomposition of their weights: Gemm and MatMul
 * become two products, a convolution one of its kernel with few filters and a 1x1 convolution after it (Zhang et al.
 * 2015). Grouped convolutions, and layers that would not become smaller, stay.
 */
export async function lowRank(model: Model, options: LowRankOptions, job: JobContext): Promise<Model> {
  const { graph } = model;
  const reader = await openWeights(model);
  const names = new FreshNames(graph);
  const weights = new Map(graph.weights);
  const made = new Map<string, readonly [Weight, Weight] | null>();
  try {
    const nodes: Node[] = [];
    for (const [done, node] of graph.nodes.entries()) {
      job.progress({ stage: 'Finding low ranks', done, total: graph.nodes.length, unit: 'layers' });
      const form = formOf(node, graph.weights);
      const key = form && `${node.opType} ${String(form.isTransposed)} ${form.weight.name}`;
      if (form && key !== null && !made.has(key)) {
        const pair = await factors(form, await readFloats(reader, form.weight), options, names, job);
        made.set(key, pair);
        pair?.forEach((weight) => weights.set(weight.name, weight));
      }
      const pair = key === null ? null : (made.get(key) ?? null);
      nodes.push(...(pair ? twoLayers(node, pair, names.like(`${node.outputs[0] ?? ''}.low`)) : [node]));
    }
    return withGraph(model, { nodes, weights });
  } finally {
    await reader.close();
  }
}

interface LayerForm {
  readonly weight: Weight;
  readonly outputs: number;
  readonly inputs: number;
  /** Whether the stored matrix is `[inputs, outputs]`. */
  readonly isTransposed: boolean;
}

function formOf(node: Node, weights: ReadonlyMap<string, Weight>): LayerForm | null {
  const weight = weights.get(node.inputs[1] ?? '');
  if (node.domain !== '' || weight?.dtype !== 'float32') return null;
  const { shape } = weight;
  const [first = 0, second = 0] = shape;
  if (node.opType === 'Conv' && shape.length > 2 && intAttribute(node, 'group', 1) === 1)
    return { weight, outputs: first, inputs: elementsOf(shape.slice(1)), isTransposed: false };
  if (shape.length !== 2) return null;
  const isTransposed = node.opType === 'MatMul' || (node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 0);
  if (node.opType !== 'MatMul' && node.opType !== 'Gemm') return null;
  return { weight, outputs: isTransposed ? second : first, inputs: isTransposed ? first : second, isTransposed };
}

/** The weights of the two layers, scaled alike; null where they are not smaller than the one. */
async function factors(
  { weight, outputs, inputs, isTransposed }: LayerForm,
  values: Float32Array,
  { rank, evenIfLarger = false }: LowRankOptions,
  names: FreshNames,
  job: JobContext,
): Promise<readonly [Weight, Weight] | null> {
  const [rows, columns] = isTransposed ? [inputs, outputs] : [outputs, inputs];
  const saves = (kept: number): boolean => kept * (rows + columns) < rows * columns;
  if (!evenIfLarger && (!saves(1) || (rank > 1 && !saves(rank)))) return null;
  const found = await singularValues(values, rows, columns, job);
  const kept = rank > 1 ? Math.min(rank, found.count) : rankOfEnergy(found, rank);
  if (!evenIfLarger && !saves(kept)) return null;
  const left = new Float32Array(rows * kept);
  const right = new Float32Array(kept * columns);
  for (let at = 0; at < kept; at++) {
    const root = Math.sqrt(found.values[at] ?? 0);
    for (let row = 0; row < rows; row++) left[row * kept + at] = root * (found.left[row * found.count + at] ?? 0);
    for (let column = 0; column < columns; column++)
      right[at * columns + column] = root * (found.right[at * columns + column] ?? 0);
  }
  const kernel = weight.shape.slice(2);
  const spread = kernel.map(() => 1);
  const named = (suffix: string): string => names.like(`${weight.name}.${suffix}`);
  const leftShape = isTransposed ? [rows, kept] : [rows, kept, ...spread];
  const rightShape = isTransposed ? [kept, columns] : [kept, weight.shape[1] ?? 1, ...kernel];
  const [before, after] = [named('low'), named('high')];
  return isTransposed
    ? [float32Weight(before, leftShape, left), float32Weight(after, rightShape, right)]
    : [float32Weight(before, rightShape, right), float32Weight(after, leftShape, left)];
}

/** The fewest singular values whose squares are this share of all. */
function rankOfEnergy({ values, count }: SingularValues, share: number): number {
  const total = values.reduce((sum, value) => sum + value * value, 0);
  let sum = 0;
  for (let kept = 1; kept <= count; kept++) {
    sum += (values[kept - 1] ?? 0) ** 2;
    // Rounding in the sum is no energy that is missing.
    if (sum >= share * total * (1 - 1e-12)) return kept;
  }
  return count;
}

/** The second layer keeps the node's name and adds its bias. */
function twoLayers(node: Node, [before, after]: readonly [Weight, Weight], between: string): Node[] {
  const [input = '', , ...bias] = node.inputs;
  if (node.opType === 'MatMul')
    return [newNode('MatMul', [input, before.name], [between]), { ...node, inputs: [between, after.name] }];
  if (node.opType === 'Gemm') {
    const transA = node.attributes.get('transA');
    const transB = node.attributes.get('transB');
    return [
      newNode('Gemm', [input, before.name], [between], {
        ...(transA ? { transA } : {}),
        ...(transB ? { transB } : {}),
      }),
      { ...withAttributes(node, { transA: undefined }), inputs: [between, after.name, ...bias] },
    ];
  }
  const [, , ...kernel] = after.shape;
  return [
    { ...newNode('Conv', [input, before.name], [between]), attributes: node.attributes },
    {
      ...node,
      inputs: [between, after.name, ...bias],
      attributes: new Map([['kernel_shape', { kind: 'ints', value: kernel } as const]]),
    },
  ];
}
