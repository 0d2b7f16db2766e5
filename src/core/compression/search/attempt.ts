import { openSession, type Session } from '../../runtime/session';

/** A session on a model that a search has made. */
export function openAttempt(model: Uint8Array, file: string): Promise<Session> {
  return openSession(model, { name: `"${file}" with encoded weights` });
}
