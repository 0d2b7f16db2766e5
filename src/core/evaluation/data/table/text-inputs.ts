import type { TensorData } from '../../../runtime/tensor';
import { badData } from '../complaint';
import type { InputTarget, RawArray, SourceRequest } from '../raw-set';
import { loadTokenizer, type TextTokenizer, type TokenIds } from '../tokenizer';
import type { Table } from './table';

/** Tokens a sample where neither recipe nor model says. */
const DEFAULT_LENGTH = 128;
/** Texts are cut to this many characters before they are split: no model reads more, and one cell may hold a book. */
const MOST_CHARACTERS_A_TOKEN = 32;

/** What each input that transformers take is, by its usual name. */
const PARTS: Readonly<Record<string, keyof TokenIds>> = {
  input_ids: 'ids',
  attention_mask: 'mask',
  token_type_ids: 'types',
};

/** Whether a recipe's tokenizer makes the inputs. */
export function isText(targets: readonly InputTarget[]): boolean {
  return targets.some(({ section }) => section?.tokenizer !== undefined);
}

/**
 * A column of texts as token numbers: `[maxLength]` a row for each of the model's inputs, padded at the end.
 * @throws EdgewiseError `bad-data` for inputs that no tokenizer fills, `bad-recipe` for what is no tokenizer
 */
export async function textInputs(
  table: Table,
  column: string,
  request: SourceRequest,
): Promise<ReadonlyMap<string, RawArray>> {
  const section = request.targets.find((target) => target.section?.tokenizer !== undefined)?.section ?? null;
  const tokenizer = await loadTokenizer(request.resolve(section?.tokenizer ?? ''));
  const stated = request.targets.map(({ shape }) => shape?.[0]).find((size) => typeof size === 'number');
  const length = section?.maxLength ?? stated ?? DEFAULT_LENGTH;
  return new Map(
    request.targets.map((target) => [target.name, tokenArray(table, column, { target, tokenizer, length }, request)]),
  );
}

interface TokenInput {
  readonly target: InputTarget;
  readonly tokenizer: TextTokenizer;
  readonly length: number;
}

function tokenArray(
  table: Table,
  column: string,
  { target, tokenizer, length }: TokenInput,
  { targets }: SourceRequest,
): RawArray {
  const part = PARTS[target.name] ?? (targets.length === 1 ? 'ids' : undefined);
  if (part === undefined) {
    throw badData(
      table.file,
      `A tokenizer makes ${Object.keys(PARTS).join(', ')}; the model also takes ${target.name}, which nothing feeds.`,
    );
  }
  return {
    title: `Column ${column} of "${table.file}"`,
    length: table.length,
    dtype: 'int64',
    shape: [length],
    order: null,
    converted: true,
    async read(rows): Promise<TensorData> {
      const values = new BigInt64Array(rows.length * length);
      for (const [index, cell] of (await table.read(column, rows)).entries()) {
        if (typeof cell !== 'string') {
          throw badData(table.file, `Column ${column} of "${table.file}" holds no text in row ${rows[index] ?? 0}.`);
        }
        const ids = tokenizer.encode(cell.slice(0, length * MOST_CHARACTERS_A_TOKEN), length)[part];
        ids.forEach((id, at) => (values[index * length + at] = BigInt(id)));
      }
      return values;
    },
    picture: () => Promise.resolve(null),
  };
}
