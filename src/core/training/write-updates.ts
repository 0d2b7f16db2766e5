import { add, cast, div, min, mul, sqrt, square, sub, where } from './graph/arithmetic';
import type { GraphBuilder } from './graph/builder';
import { reduceL2 } from './graph/reduction';
import { float32, Term } from './graph/term';
import { differentiate } from './gradients/differentiate';
import type { StateVector, TrainingGraphOptions } from './training-graph';
import type { FlatGroup } from './variables/vectors';
import type { TrainingVariables } from './variables/training-variables';

export interface UpdateSettings {
  /** The gradient of all groups together is shortened to this norm. Default: it is not. */
  readonly clipNorm: number | null;
  /** Batches whose gradients are averaged before weights move. Default 1. */
  readonly accumulate: number;
  /** Share of the old that a running mean of the weights keeps at each step; null: there is none. */
  readonly average: number | null;
  /** Shrinks weights, unless their group says otherwise. Default 0. */
  readonly weightDecay: number;
}

export interface WrittenUpdates {
  readonly rate: Term;
  readonly step: Term;
  readonly apply: Term | null;
  readonly vectors: readonly StateVector[];
  /** Graph inputs and outputs of the vectors, in the same order. */
  readonly vectorTerms: readonly Term[];
  readonly outputTerms: readonly Term[];
}

/** Keeps a gradient of zeros from being divided by. */
const SMALLEST_NORM = 1e-12;

/** A group's vector and the gradient that moves it. */
interface GroupGradient {
  readonly group: FlatGroup;
  readonly vector: Term;
  readonly gradient: Term;
  /** What holds after a step: the new value where weights move, the old one between. */
  keep(after: Term, before: Term): Term;
}

type Shortening = (gradient: Term) => Term;

/** Writes gradients and what the optimizer makes of them; variables become slices of vectors that are fed. */
export function writeUpdates(
  build: GraphBuilder,
  loss: Term,
  variables: TrainingVariables,
  options: TrainingGraphOptions,
): WrittenUpdates {
  const wanted = variables.learnedGroups.flatMap(({ slots }) =>
    slots.flatMap(({ term, variable }) => (options.blocked?.has(variable.name) ? [] : [term])),
  );
  const gradients = differentiate(build, loss, wanted);
  return build.unrecorded(() => new UpdateWriter(build, options).write(variables, gradients));
}

class UpdateWriter {
  private readonly vectors: StateVector[] = [];
  private readonly inputs: Term[] = [];
  private readonly outputs: Term[] = [];
  private readonly rate: Term;
  private readonly step: Term;
  private readonly apply: Term | null;
  private readonly settings: UpdateSettings;

  constructor(
    private readonly build: GraphBuilder,
    private readonly options: TrainingGraphOptions,
  ) {
    this.settings = { clipNorm: null, accumulate: 1, average: null, weightDecay: 0, ...options.update };
    this.rate = new Term(build.names.like('rate'), 'float32', []);
    this.step = new Term(build.names.like('step'), 'float32', []);
    this.apply = this.settings.accumulate > 1 ? new Term(build.names.like('apply'), 'bool', []) : null;
  }

  write(variables: TrainingVariables, gradients: ReadonlyMap<string, Term>): WrittenUpdates {
    const unpacked: (() => void)[] = [];
    const groups = variables.learnedGroups.map((group) => this.withGradient(group, gradients));
    const shorten = this.shortening(groups);
    for (const group of groups) unpacked.push(this.learned(group, shorten));
    const running = variables.runningGroup;
    if (running) unpacked.push(this.running(running, variables));
    this.inFront(() => {
      for (const unpack of unpacked) unpack();
    });
    const { rate, step, apply, vectors, inputs, outputs } = this;
    return { rate, step, apply, vectors, vectorTerms: inputs, outputTerms: outputs };
  }

  private withGradient(group: FlatGroup, gradients: ReadonlyMap<string, Term>): GroupGradient {
    const vector = this.input(group.name, group.length);
    const fresh = group.pack(this.build, ({ term }) => gradients.get(term.name), 'zeros');
    return { group, vector, ...this.accumulated(group, fresh) };
  }

  /** @returns what writes the nodes that take the variables out of their vector */
  private learned({ group, vector, gradient: sum, keep }: GroupGradient, shorten: Shortening): () => void {
    const { build, options, settings } = this;
    const { rate = 1, weightDecay = settings.weightDecay } = options.groups?.[group.name] ?? {};
    const gradient = shorten(sum);
    const before = options.optimizer.states.map((state) => this.input(`${group.name}:${state}`, group.length));
    const scaledRate = rate === 1 ? this.rate : mul(build, this.rate, rate);
    const { parameters, states } = options.optimizer.update({
      ...{ build, parameters: vector, gradient, states: before, rate: scaledRate, step: this.step, weightDecay },
    });
    const moved = keep(parameters, vector);
    this.state(vector, moved, group.start(), (values) => group.valuesIn(values));
    states.forEach((state, index) => {
      const old = before[index];
      if (old) this.state(old, keep(state, old), new Float32Array(group.length));
    });
    this.averaged(group, moved, keep);
    return () => {
      group.unpack(build, vector);
    };
  }

  private running(group: FlatGroup, variables: TrainingVariables): () => void {
    const vector = this.input(group.name, group.length);
    const after = group.pack(this.build, ({ variable }) => variables.updated(variable.name), 'unchanged');
    this.state(vector, after, group.start(), (values) => group.valuesIn(values));
    return () => {
      group.unpack(this.build, vector);
    };
  }

  /** One norm for all groups, as PyTorch's `clip_grad_norm_` has it: their directions beside each other stay. */
  private shortening(groups: readonly GroupGradient[]): Shortening {
    const { build, settings } = this;
    if (settings.clipNorm === null) return (gradient) => gradient;
    const [first, ...others] = groups.map(({ gradient }) => reduceL2(build, gradient, [0]));
    if (!first) return (gradient) => gradient;
    const norm =
      others.length === 0
        ? first
        : sqrt(
            build,
            others.reduce((sum, other) => add(build, sum, square(build, other)), square(build, first)),
          );
    const share = min(build, div(build, build.constant(settings.clipNorm), add(build, norm, SMALLEST_NORM)), 1);
    return (gradient) => mul(build, gradient, share);
  }

  /** Sums gradients until a step applies them; between, everything else stays as it is. */
  private accumulated(group: FlatGroup, gradient: Term): Pick<GroupGradient, 'gradient' | 'keep'> {
    const { build, apply, settings } = this;
    if (apply === null) return { gradient, keep: (after) => after };
    const before = this.input(`${group.name}:accumulated`, group.length);
    const sum = add(build, before, div(build, gradient, settings.accumulate));
    const cleared = mul(build, sum, sub(build, 1, cast(build, apply, 'float32')));
    this.state(before, cleared, new Float32Array(group.length));
    return { gradient: sum, keep: (after, old) => where(build, apply, after, old) };
  }

  private averaged(group: FlatGroup, moved: Term, keep: (after: Term, before: Term) => Term): void {
    const { build, settings } = this;
    if (settings.average === null) return;
    const before = this.input(averageOf(group.name), group.length);
    const after = add(build, mul(build, before, settings.average), mul(build, moved, 1 - settings.average));
    this.state(before, keep(after, before), group.start(), (values) => group.valuesIn(values));
  }

  private input(name: string, length: number): Term {
    const term = new Term(this.build.names.like(name), 'float32', [length]);
    this.inputs.push(term);
    return term;
  }

  private state(
    before: Term,
    after: Term,
    start: Float32Array,
    values?: (vector: Float32Array) => Map<string, Float32Array>,
  ): void {
    // A graph output needs a name of its own, also where nothing changed.
    const output = this.build.one('Identity', [after], float32(before.shape));
    this.outputs.push(output);
    this.vectors.push({ input: before.name, output: output.name, start, ...(values ? { values } : {}) });
  }

  /** Producers come first in a graph, and variables are known only when all is written. */
  private inFront(write: () => void): void {
    const { nodes } = this.build;
    const before = nodes.splice(0);
    write();
    nodes.push(...before);
  }
}

/** The vector that holds a group's running mean. */
export const averageOf = (group: string): string => `${group}:average`;
