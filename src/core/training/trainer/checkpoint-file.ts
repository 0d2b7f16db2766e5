import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import * as z from 'zod';
import { writeNewFile } from '../../formats/atomic-file';
import { formRecordSchema } from '../forms';
import type { Checkpoint, CheckpointStore } from './checkpoint';

/** The first bytes of a checkpoint file; the number is its version. */
const MAGIC = 'EWCKPT01';
/** A header beyond this is no header of ours. */
const MAX_HEADER_BYTES = 64 * 1024 ** 2;

const pointSchema = z.object({ step: z.number(), value: z.number() });
const vectorSchema = z.object({ name: z.string(), length: z.number().int().nonnegative() });
const headerSchema = z.object({
  /** What is trained, and how: another identity is another training. */
  identity: z.string(),
  step: z.number().int().nonnegative(),
  waited: z.number().int(),
  schedule: z.array(z.number()),
  forms: formRecordSchema,
  curves: z.object({
    loss: z.array(pointSchema),
    rate: z.array(pointSchema),
    selection: z.array(pointSchema),
    stride: z.number(),
    sum: z.number(),
    count: z.number(),
  }),
  trainingMs: z.number(),
  samples: z.number(),
  vectors: z.array(vectorSchema),
  best: z.object({ step: z.number(), value: z.number(), values: z.array(vectorSchema) }).nullable(),
});
type Header = z.infer<typeof headerSchema>;

/**
 * Checkpoints in one file that appears whole or not at all: magic, header length (uint32), header (JSON), then the
 * vectors and the best values as float32, little-endian, in the header's order.
 * @param identity hash of model, recipe and data: a checkpoint of another training is passed over
 * @param warn is told, once, when a file that is there was passed over
 */
export function checkpointFile(
  path: string,
  identity: string,
  warn: (sentence: string) => void = () => undefined,
): CheckpointStore {
  let told = false;
  return {
    async read() {
      if (!existsSync(path)) return null;
      const found = decoded(await readFile(path).catch(() => Buffer.alloc(0)), identity);
      if (typeof found !== 'string') return found;
      if (!told) warn(`A checkpoint was passed over, since it is ${found}: training begins anew.`);
      told = true;
      return null;
    },
    async write(checkpoint) {
      const parts = encoded(checkpoint, identity);
      const byteLength = parts.reduce((sum, { byteLength: length }) => sum + length, 0);
      await writeNewFile(path, { overwrite: true, byteLength }, async (sink) => {
        for (const part of parts) await sink.write(part);
      });
    },
  };
}

function encoded(checkpoint: Checkpoint, identity: string): Uint8Array[] {
  const { step, waited, schedule, forms, curves, trainingMs, samples, vectors, best } = checkpoint;
  const named = (values: ReadonlyMap<string, Float32Array>) =>
    [...values].map(([name, { length }]) => ({ name, length }));
  const header: Header = {
    ...{
      identity,
      step,
      waited,
      schedule: [...schedule],
      forms: [...forms],
      trainingMs,
      samples,
      vectors: named(vectors),
    },
    curves: { ...curves, loss: [...curves.loss], rate: [...curves.rate], selection: [...curves.selection] },
    best: best && { step: best.step, value: best.value, values: named(best.values) },
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const numbers = [...vectors.values(), ...(best?.values.values() ?? [])];
  return [
    ...[Buffer.from(MAGIC), length, text],
    ...numbers.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  ];
}

const DAMAGED = 'cut short or damaged';
const ANOTHER = 'of another model, recipe or data';

/** In words why a file is none to go on from: cut off, of another training, or none of ours. */
function decoded(file: Buffer, identity: string): Checkpoint | typeof DAMAGED | typeof ANOTHER {
  const begin = MAGIC.length + 4;
  if (file.length < begin || file.toString('latin1', 0, MAGIC.length) !== MAGIC) return DAMAGED;
  const headerBytes = file.readUInt32LE(MAGIC.length);
  if (headerBytes > MAX_HEADER_BYTES || begin + headerBytes > file.length) return DAMAGED;
  const header = headerOf(file.toString('utf8', begin, begin + headerBytes));
  if (header === null) return DAMAGED;
  if (header.identity !== identity) return ANOTHER;
  let offset = begin + headerBytes;
  const floats = (parts: Header['vectors']): Map<string, Float32Array> | null => {
    const values = new Map<string, Float32Array>();
    for (const { name, length } of parts) {
      const end = offset + length * Float32Array.BYTES_PER_ELEMENT;
      if (end > file.length) return null;
      values.set(name, new Float32Array(Uint8Array.from(file.subarray(offset, end)).buffer));
      offset = end;
    }
    return values;
  };
  const vectors = floats(header.vectors);
  const bestValues = header.best && floats(header.best.values);
  if (!vectors || (header.best && !bestValues)) return DAMAGED;
  const best = header.best && bestValues ? { ...header.best, values: bestValues } : null;
  return { ...header, vectors, best };
}

function headerOf(text: string): Header | null {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
