import type { Model } from '../../model/model';
import { openSessionOf } from '../../runtime/model-session';
import type { Session } from '../../runtime/session';
import type { SearchRequest } from './request';

type Opening = Pick<SearchRequest, 'file' | 'job' | 'mostInMemory'>;

/** A session on the original. */
export function openOriginal({ model, ...opening }: Opening & Pick<SearchRequest, 'model'>): Promise<Session> {
  return openNamed(model, `"${opening.file}"`, opening);
}

/** A session on a model that a search has made. */
export function openAttempt(made: Model, opening: Opening): Promise<Session> {
  return openNamed(made, `"${opening.file}" with encoded weights`, opening);
}

function openNamed(model: Model, name: string, { job, mostInMemory }: Opening): Promise<Session> {
  return openSessionOf(model, { name, context: job, ...(mostInMemory === undefined ? {} : { mostInMemory }) });
}
