import { EdgewiseError } from '../../errors';
import { elementsOf } from '../../model/model';
import type { GraphBuilder } from '../graph/builder';
import { Term } from '../graph/term';
import type { Variable, VariableScope } from './variable';
import { FlatGroup } from './vectors';

/** The group of what the graph itself gives after each step. */
const RUNNING = 'running';
export const WEIGHTS = 'weights';

/** Variables of a training graph, in the order in which they are declared. */
export class TrainingVariables implements VariableScope {
  readonly groups = new Map<string, FlatGroup>();
  private readonly terms = new Map<string, Term>();
  private readonly updates = new Map<string, Term>();

  constructor(private readonly build: GraphBuilder) {}

  learned(name: string, shape: readonly number[], start: Float32Array, group = WEIGHTS): Term {
    return this.declare({ name, shape, start, kind: 'learned', group });
  }

  running(name: string, shape: readonly number[], start: Float32Array): Term {
    return this.declare({ name, shape, start, kind: 'running', group: RUNNING });
  }

  update(name: string, value: Term): void {
    this.updates.set(name, value);
  }

  /** Groups that the optimizer moves. */
  get learnedGroups(): readonly FlatGroup[] {
    return [...this.groups.values()].filter(({ name }) => name !== RUNNING);
  }

  get runningGroup(): FlatGroup | null {
    return this.groups.get(RUNNING) ?? null;
  }

  /** What a running variable becomes; undefined where nothing told. */
  updated(name: string): Term | undefined {
    return this.updates.get(name);
  }

  /** All of them, group by group. */
  get all(): readonly Variable[] {
    return [...this.groups.values()].flatMap(({ slots }) => slots.map(({ variable }) => variable));
  }

  /** The term of a variable; one that is known keeps what it begins with. */
  declare(variable: Variable): Term {
    const known = this.terms.get(variable.name);
    if (known) return known;
    if (variable.start.length !== elementsOf(variable.shape))
      throw new EdgewiseError('internal', `"${variable.name}" begins with ${variable.start.length} numbers.`);
    const term = new Term(this.build.names.like(variable.name), 'float32', variable.shape);
    this.terms.set(variable.name, term);
    const group = this.groups.get(variable.group) ?? new FlatGroup(variable.group);
    this.groups.set(variable.group, group);
    group.add(variable, term);
    return term;
  }
}
