import type * as z from 'zod';
import { allowedAt, keysAt, orList, type RecipePath } from './allowed';

/** One thing wrong with a recipe: where, and the sentence without file and line. */
export interface Complaint {
  path: RecipePath;
  sentence: string;
}

/** Texts longer than this are cut in sentences. */
const SHOWN_TEXT = 40;

/** What is most wrong with a recipe that did not fit the schema, with what is there and what is allowed. */
export function complaintOf(error: z.ZodError, value: unknown): Complaint {
  // An unknown key explains the missing one beside it: a misspelling is told before its consequence.
  const issues = error.issues;
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0];
  return issue === undefined ? { path: [], sentence: 'this is not a recipe' } : complaintAbout(issue, value);
}

/** Everything that is wrong with it, every unknown key by itself. */
export function complaintsOf({ issues }: z.ZodError, value: unknown): Complaint[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => complaintAbout({ ...issue, keys: [key] }, value))
      : [complaintAbout(issue, value)],
  );
}

function complaintAbout(issue: z.core.$ZodIssue, value: unknown): Complaint {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') return unknownKey(path, issue.keys[0] ?? '');
  const found = valueAt(value, path);
  const name = nameOf(path);
  const allowed = allowedAt(path);
  if (path.length === 0) return { path, sentence: `a recipe is ${allowed}` };
  if (found === undefined) return { path, sentence: `${name} is missing; give ${allowed}` };
  return unionComplaint(issue, path, found) ?? { path, sentence: `${name} is ${shown(found)}; use ${allowed}` };
}

/** A mapping that fits none of several forms because of one unknown key is told about the key. */
function unionComplaint(issue: z.core.$ZodIssue, path: RecipePath, found: unknown): Complaint | null {
  if (issue.code !== 'invalid_union' || typeof found !== 'object' || found === null || Array.isArray(found))
    return null;
  const known = keysAt(path);
  const unknown = Object.keys(found).find((key) => !known.includes(key));
  return unknown === undefined ? null : unknownKey(path, unknown);
}

function unknownKey(path: RecipePath, key: string): Complaint {
  const known = keysAt(path);
  const where = path.length === 0 ? 'a recipe' : nameOf(path);
  return { path: [...path, key], sentence: `${where} has no ${shown(key)}; it may have ${orList(known)}` };
}

/** "steps[0].quantize.weights" */
function nameOf(path: RecipePath): string {
  return path.reduce<string>(
    (name, step) => (typeof step === 'number' ? `${name}[${step}]` : name === '' ? step : `${name}.${step}`),
    '',
  );
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > SHOWN_TEXT ? `${value.slice(0, SHOWN_TEXT)}…` : value}'`;
  if (value === null) return 'empty';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'a mapping' : String(value);
}

function valueAt(value: unknown, path: RecipePath): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = Object.entries(at).find(([key]) => key === String(step))?.[1];
  }
  return at;
}
