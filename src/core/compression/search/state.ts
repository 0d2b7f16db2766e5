import { readFile, rm } from 'node:fs/promises';
import * as z from 'zod';
import { writeNewFile } from '../../formats/atomic-file';
import { VERSION } from '../../version';
import type { Shift } from './gauge';
import type { SearchStateFile } from './request';

/** Work that a search that was ended may lose. */
const MS_BETWEEN_WRITES = 5_000;

const shiftSchema = z.object({ damage: z.number(), changed: z.number() }) satisfies z.ZodType<Shift>;
const trialSchema = z.object({
  bytes: z.number(),
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  dropAtMost: z.number(),
  damage: z.number(),
});
const stateSchema = z.object({
  purpose: z.string(),
  shifts: z.record(z.string(), shiftSchema),
  trials: z.record(z.string(), trialSchema),
});

/** What a whole model was measured to be. */
export type MeasuredTrial = z.infer<typeof trialSchema>;

/** What a search measured so far, kept in a file where one is given. Numbers come back as they were. */
export class SearchState {
  private written = performance.now();
  private readonly shifts: Map<string, Shift>;
  private readonly trials: Map<string, MeasuredTrial>;

  private constructor(
    private readonly file: SearchStateFile | undefined,
    kept: z.infer<typeof stateSchema> | null,
  ) {
    this.shifts = new Map(Object.entries(kept?.shifts ?? {}));
    this.trials = new Map(Object.entries(kept?.trials ?? {}));
  }

  /** A file that is not there, damaged, or of another purpose counts as none; it is replaced. */
  static async open(file: SearchStateFile | undefined): Promise<SearchState> {
    if (file === undefined) return new SearchState(file, null);
    const text = await readFile(file.path, 'utf8').catch(() => '');
    return new SearchState(file, parse(text, fullPurpose(file)));
  }

  /** The shift under a key: the one kept, else what is measured now. */
  async shift(key: string, measure: () => Promise<Shift>): Promise<Shift> {
    return this.known(this.shifts, key, measure);
  }

  async trial(key: string, measure: () => Promise<MeasuredTrial>): Promise<MeasuredTrial> {
    return this.known(this.trials, key, measure);
  }

  private async known<Value>(kept: Map<string, Value>, key: string, measure: () => Promise<Value>): Promise<Value> {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const measured = await measure();
    kept.set(key, measured);
    if (performance.now() - this.written >= MS_BETWEEN_WRITES) await this.flush();
    return measured;
  }

  /** @throws EdgewiseError `no-space`, `permission`, `not-found` when the folder is missing */
  async flush(): Promise<void> {
    if (this.file === undefined) return;
    const state: z.infer<typeof stateSchema> = {
      purpose: fullPurpose(this.file),
      shifts: Object.fromEntries(this.shifts),
      trials: Object.fromEntries(this.trials),
    };
    const bytes = Buffer.from(JSON.stringify(state));
    await writeNewFile(this.file.path, { overwrite: true, byteLength: bytes.byteLength }, (sink) => sink.write(bytes));
    this.written = performance.now();
  }

  async remove(): Promise<void> {
    if (this.file !== undefined) await rm(this.file.path, { force: true });
  }
}

/** What another version means by a name may be something else. */
function fullPurpose({ purpose }: SearchStateFile): string {
  return `${VERSION} ${purpose}`;
}

function parse(text: string, purpose: string): z.infer<typeof stateSchema> | null {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.purpose === purpose ? parsed.data : null;
  } catch {
    return null;
  }
}
