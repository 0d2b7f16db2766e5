import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { writeNewFile } from '../../formats/atomic-file';
import { type FormRecord, keyOf } from './record';

export const formRecordSchema = z.array(z.object({ computation: z.string(), setting: z.string(), form: z.string() }));

/** Where choices of one machine are kept: timed once, they give the same numbers each time. */
export interface FormStore {
  read(): Promise<FormRecord>;
  /** Adds to what is there. */
  add(record: FormRecord): Promise<void>;
}

/** More than this is not kept: the oldest are timed again. */
const MOST = 5000;

/** Choices in a file of JSON; one that is not there, or cannot be read, holds none. */
export function formFile(path: string): FormStore {
  const read = async (): Promise<FormRecord> => {
    try {
      return formRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return [];
    }
  };
  return {
    read,
    async add(record) {
      const all = new Map([...(await read()), ...record].map((choice) => [keyOf(choice), choice]));
      const bytes = Buffer.from(JSON.stringify([...all.values()].slice(-MOST)));
      await writeNewFile(path, { overwrite: true, byteLength: bytes.length }, (sink) => sink.write(bytes));
    },
  };
}
