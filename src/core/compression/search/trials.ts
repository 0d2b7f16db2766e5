import { EdgewiseError } from '../../errors';
import { throwIfCancelled } from '../../progress';
import type { QuantizeStep } from '../../recipe/recipe.schema';
import type { Gauge } from './gauge';
import type { FrontPoint, SearchRequest } from './request';
import type { MeasuredTrial, SearchState } from './state';

/** A step to try, and what tells it from others. */
export interface Attempt {
  readonly name: string;
  readonly step: QuantizeStep;
}

/** A whole model that was made and measured. */
export type Trial = Attempt & MeasuredTrial;

const STAGE = 'Trying combinations';

/** Makes and measures whole models, each once. */
export class Trials {
  private readonly tried = new Map<string, Trial>();

  constructor(
    private readonly request: SearchRequest,
    private readonly gauge: Gauge,
    private readonly state: SearchState,
    /** About how many there will be, for telling progress. */
    private readonly expected: number,
  ) {}

  get all(): readonly Trial[] {
    return [...this.tried.values()];
  }

  /**
   * Null where nothing gets smaller by it, or the file cannot hold it: no candidate.
   * @throws EdgewiseError `cancelled`, and what carrying out the step says
   */
  async of({ step, name }: Attempt): Promise<Trial | null> {
    const key = JSON.stringify(step);
    const known = this.tried.get(key);
    if (known !== undefined) return known;
    const { job } = this.request;
    throwIfCancelled(job.signal);
    const done = this.tried.size;
    job.progress({ stage: STAGE, done, total: Math.max(this.expected, done + 1), unit: 'runs' });
    try {
      const trial = { ...(await this.state.trial(key, () => this.measure(step))), name, step };
      this.tried.set(key, trial);
      return trial;
    } catch (error) {
      if (EdgewiseError.is(error, 'unsupported')) return null;
      throw error;
    }
  }

  private async measure(step: QuantizeStep): Promise<MeasuredTrial> {
    return this.request.builder.build(step, async (made, bytes) => {
      const { value, interval, dropAtMost, damage } = await this.gauge.judge(made);
      return { bytes, value, interval: interval && [...interval], dropAtMost, damage };
    });
  }

  /** Everything that was tried, from the smallest file to the largest. */
  front(chosen: Trial | null): FrontPoint[] {
    const { metric } = this.gauge.judged;
    return this.all
      .map(({ name, bytes, value, step }) => ({ name, bytes, value, metric, chosen: step === chosen?.step }))
      .sort((one, other) => one.bytes - other.bytes || other.value - one.value);
  }
}
