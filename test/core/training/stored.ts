import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

/** A tensor of test/fixtures/training, row by row. */
export const tensorSchema = z.object({ shape: z.array(z.number()), values: z.array(z.number()) });
export type StoredTensor = z.infer<typeof tensorSchema>;

/** What test/fixtures/training/make.py has written: figures of PyTorch. */
export function stored<Shape extends z.ZodType>(name: string, schema: Shape): z.infer<Shape> {
  const file = path.resolve(__dirname, '../../fixtures/training', name);
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
