import { EdgewiseError } from '../errors';
import type { DType } from '../model/dtype';
import type { Model } from '../model/model';
import { add, mul } from './graph/arithmetic';
import type { GraphBuilder } from './graph/builder';
import type { ImportedValues } from './graph/import-model';
import { Term } from './graph/term';
import type { TrainingGraphOptions } from './training-graph';
import type { TrainingVariables } from './variables/training-variables';

export interface WrittenLoss {
  /** One float32 of no dimensions. */
  readonly loss: Term;
  readonly scores: Term;
  readonly fed: readonly Term[];
}

/** Writes the loss on a model's values, and what regularizers add to it. */
export function writeLoss(
  build: GraphBuilder,
  model: Model,
  values: ImportedValues,
  variables: TrainingVariables,
  options: TrainingGraphOptions,
): WrittenLoss {
  const fed = new Map<string, Term>();
  const value = (name: string): Term => valueNamed(values, name);
  const scores = value(options.output ?? model.graph.outputs[0]?.name ?? '');
  const loss = options.loss({
    ...{ build, value, output: scores },
    fed: (name, dtype, shape) => fedTerm(build, fed, name, dtype, shape),
    learned: (name, shape, start) => variables.learned(name, shape, start),
  });
  const weights = [...options.learned.keys()].flatMap((name) => values.get(name) ?? []);
  const total = (options.regularizers ?? []).reduce(
    (sum, { regularizer, strength }) =>
      weights
        .filter(({ shape }) => shape.length > 1)
        .reduce((part, weight) => add(build, part, mul(build, regularizer(build, weight), strength)), sum),
    loss,
  );
  return { loss: total, scores, fed: [...fed.values()] };
}

function valueNamed(values: ImportedValues, name: string): Term {
  const term = values.get(name);
  if (term) return term;
  throw new EdgewiseError(
    'bad-recipe',
    `The model has no value "${name}". Name an output, or a value between its nodes.`,
  );
}

function fedTerm(
  build: GraphBuilder,
  fed: Map<string, Term>,
  name: string,
  dtype: DType,
  shape: readonly number[],
): Term {
  const known = fed.get(name);
  if (known) return known;
  const term = new Term(build.names.like(name), dtype, shape);
  fed.set(name, term);
  return term;
}
