import type { Bench } from './original';
import { nameOf, stepOf, type Assignment } from './recipe-of';
import type { FrontPoint, SearchRequest } from './request';
import type { MeasuredTrial, SearchState } from './state';
import type { QuantizeStep } from '../../recipe/recipe.schema';
import { throwIfCancelled } from '../../progress';

/** A whole model that was made and measured. */
export interface Trial extends MeasuredTrial {
  readonly name: string;
  readonly step: QuantizeStep;
}

/** Makes and measures whole models, each once. */
export class Trials {
  private readonly tried = new Map<string, Trial>();

  constructor(
    private readonly request: SearchRequest,
    private readonly bench: Bench,
    private readonly state: SearchState,
    /** About how many there will be, for telling progress. */
    private readonly expected: number,
  ) {}

  get all(): readonly Trial[] {
    return [...this.tried.values()];
  }

  /** The model with what was chosen for each unit; null where that changes nothing. */
  async ofAssignments(assignments: readonly Assignment[]): Promise<Trial | null> {
    const step = stepOf(this.request.step, assignments);
    return step && (await this.of(step, nameOf(assignments)));
  }

  /** @throws EdgewiseError `cancelled`, and what carrying out the step says */
  async of(step: QuantizeStep, name: string): Promise<Trial> {
    const key = JSON.stringify(step);
    const known = this.tried.get(key);
    if (known !== undefined) return known;
    const { job } = this.request;
    throwIfCancelled(job.signal);
    const done = this.tried.size;
    job.progress({ stage: 'Trying combinations', done, total: Math.max(this.expected, done + 1), unit: 'runs' });
    const trial = { ...(await this.state.trial(key, () => this.measure(step))), name, step };
    this.tried.set(key, trial);
    return trial;
  }

  private async measure(step: QuantizeStep): Promise<MeasuredTrial> {
    const bytes = await this.request.builder.build(step);
    const { value, interval, dropAtMost, damage } = this.bench.judge.judge(await this.bench.scores(bytes));
    return { bytes: bytes.byteLength, value, interval: [...interval], dropAtMost, damage };
  }

  /** Everything that was tried, from the smallest file to the largest. */
  front(chosen: Trial | null): FrontPoint[] {
    const { metric } = this.bench.judge;
    return this.all
      .map(({ name, bytes, value, interval, step }) => ({
        name,
        bytes,
        value,
        interval,
        metric,
        chosen: step === chosen?.step,
      }))
      .sort((one, other) => one.bytes - other.bytes || other.value - one.value);
  }
}
