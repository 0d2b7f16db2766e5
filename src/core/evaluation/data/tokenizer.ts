import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod';
import { EdgewiseError } from '../../errors';
import { readingError } from '../../formats/file-errors';

/** The largest published vocabularies take some 20 MB. */
const LARGEST_BYTES = 64 * 1000 ** 2;
/** What padding is called where no configuration says. */
const PAD_TOKENS = ['[PAD]', '<pad>', '<|endoftext|>'];

/** One text as a model takes it: three lists of one length. */
export interface TokenIds {
  readonly ids: readonly number[];
  /** 1 for tokens, 0 for padding. */
  readonly mask: readonly number[];
  readonly types: readonly number[];
}

export interface TextTokenizer {
  /** Exactly `length` tokens: padded, or cut so that the tokens that frame a text stay. */
  encode(text: string, length: number): TokenIds;
}

const tokenizerSchema = z.looseObject({
  model: z.looseObject({}),
  padding: z.looseObject({ pad_id: z.number().int(), direction: z.string() }).nullish(),
});
const configSchema = z.looseObject({
  pad_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
});

/**
 * A tokenizer as Hugging Face publishes it: `tokenizer.json`, and `tokenizer_config.json` beside it where there is one.
 * @throws EdgewiseError `not-found`, `bad-recipe` for files that are none
 */
export async function loadTokenizer(file: string): Promise<TextTokenizer> {
  const name = path.basename(file);
  const described = tokenizerSchema.safeParse(await readJson(file));
  if (!described.success) throw noTokenizer(name);
  const beside = await readJson(path.join(path.dirname(file), 'tokenizer_config.json')).catch(() => ({}));
  const config = configSchema.safeParse(beside);
  const options = config.success ? config.data : {};
  try {
    const tokenizer = new Tokenizer(described.data, options);
    // Some broken descriptions are noticed at the first text only.
    tokenizer.encode('a');
    const left = described.data.padding?.direction === 'Left';
    return new PaddedTokenizer(tokenizer, described.data.padding?.pad_id ?? padId(tokenizer, options), left);
  } catch (cause) {
    throw noTokenizer(name, cause);
  }
}

async function readJson(file: string): Promise<unknown> {
  const name = path.basename(file);
  let text: string;
  try {
    if ((await stat(file)).size > LARGEST_BYTES) throw noTokenizer(name);
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw EdgewiseError.is(error) ? error : readingError(name, error);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw noTokenizer(name, cause);
  }
}

function noTokenizer(name: string, cause?: unknown): EdgewiseError {
  const sentence = `"${name}" is not a tokenizer as Hugging Face publishes it. Name the model's tokenizer.json with data.input.tokenizer.`;
  return new EdgewiseError('bad-recipe', sentence, { file: name, cause });
}

function padId(tokenizer: Tokenizer, { pad_token: stated }: z.infer<typeof configSchema>): number {
  const names = [typeof stated === 'string' ? stated : stated?.content, ...PAD_TOKENS];
  const found = names.map((name) => (name === undefined ? undefined : tokenizer.token_to_id(name)));
  return found.find((id) => id !== undefined) ?? 0;
}

class PaddedTokenizer implements TextTokenizer {
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly pad: number,
    private readonly left: boolean,
  ) {}

  encode(text: string, length: number): TokenIds {
    const { ids, token_type_ids: types } = this.tokenizer.encode(text, { return_token_type_ids: true });
    const kept = ids.length <= length ? ids : this.cut(ids, text, length);
    const padding = new Array<number>(length - kept.length).fill(0);
    const padded = (values: readonly number[], by: number): number[] => {
      const fill = padding.map(() => by);
      return this.left ? [...fill, ...values] : [...values, ...fill];
    };
    return {
      ids: padded(kept, this.pad),
      mask: padded(
        kept.map(() => 1),
        0,
      ),
      types: padded(types.slice(0, kept.length), 0),
    };
  }

  /** The text's own tokens cut, what stands before and after them kept. */
  private cut(ids: readonly number[], text: string, length: number): number[] {
    const own = this.tokenizer.encode(text, { add_special_tokens: false }).ids;
    const framing = ids.length - own.length;
    const before = Array.from({ length: framing + 1 }, (_, start) => start).find((start) =>
      own.every((id, at) => ids[start + at] === id),
    );
    if (before === undefined || framing >= length) return ids.slice(0, length);
    return [...ids.slice(0, before), ...own.slice(0, length - framing), ...ids.slice(before + own.length)];
  }
}
