import type { Tensor } from '../../runtime/tensor';
import type { PreparedBatch } from '../batches/from-data-set';
import type { Teacher, TeacherAnswers } from './teacher';
import { cacheBytes, MOST_CACHED_BYTES, TeacherCache } from './teacher-cache';

/** Where answers are kept, and what they depend on. */
export interface AnswerPlace {
  readonly path: string;
  readonly identity: string;
  readonly samples: number;
  /** Ways in which samples are changed; answers to one of them are kept apart from those to another. */
  readonly variants: number;
  warn(sentence: string): void;
}

/** Answers to prepared batches, found on disk where a teacher gave them before. */
export class RememberedAnswers {
  private cache: TeacherCache | null = null;
  private tried = false;

  constructor(
    private readonly teacher: Teacher,
    private readonly place: AnswerPlace | null,
  ) {}

  async answers(batch: PreparedBatch, inputs: readonly Tensor[]): Promise<TeacherAnswers> {
    const { positions } = batch;
    const variant = this.place ? batch.variant % this.place.variants : 0;
    const known = this.cache?.read(positions, variant);
    if (known) return known;
    const answers = await this.teacher.answers(inputs);
    if (!this.tried) this.cache = this.open(answers);
    this.tried = true;
    this.keep(positions, variant, answers);
    return answers;
  }

  /** @param remove whether what was kept has done its work */
  close(remove: boolean): void {
    this.cache?.close();
    if (remove) this.cache?.remove();
    this.cache = null;
  }

  /** The first answers say how many values a sample takes. */
  private open({ output, hints }: TeacherAnswers): TeacherCache | null {
    if (!this.place) return null;
    const { path, identity, samples, variants, warn } = this.place;
    const sizes = [output, ...hints].map(({ data, shape }) => data.length / (shape[0] ?? 1));
    const layout = { samples, variants, sizes };
    if (cacheBytes(layout) > MOST_CACHED_BYTES) {
      warn(
        `The teacher's answers would take ${Math.ceil(cacheBytes(layout) / 1024 ** 3)} GiB on disk, more than ${MOST_CACHED_BYTES / 1024 ** 3}: it is asked in every epoch anew.`,
      );
      return null;
    }
    try {
      return TeacherCache.open(path, identity, layout);
    } catch {
      warn("There was no place for the teacher's answers on disk: it is asked in every epoch anew.");
      return null;
    }
  }

  private keep(positions: readonly number[], variant: number, answers: TeacherAnswers): void {
    this.cache?.write(positions, variant, answers);
    if (this.cache === null || this.cache.failure === null) return;
    this.place?.warn(`The teacher's answers are no longer kept on disk: ${this.cache.failure}.`);
    this.close(true);
  }
}
