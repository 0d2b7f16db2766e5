import { encode } from 'fast-png';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { valuesAt, withSet, type InputFacts } from './opened';

const folder = scratchFolder();
const base = folder.path('.');
const two: InputFacts = { name: 'x', dtype: 'float32', shape: ['batch', 2] };

const messageOf = async (file: string, text: string, inputs = [two], data = {}): Promise<string> => {
  folder.write(file, text);
  return (await errorOf(withSet(base, file, inputs, (set) => set.batch([0, 1]), data))).message;
};

describe('a CSV file', () => {
  it('gives its columns of numbers in order, and names of classes in alphabetical order', async () => {
    folder.write('iris.csv', '\uFEFFlength,width,label\n1.5,2,setosa\n"3",-4e1,"rosa, wild"\n');
    await withSet(base, 'iris.csv', [two], async (set) => {
      expect(set).toMatchObject({ length: 2, classNames: ['rosa, wild', 'setosa'], labels: Int32Array.of(1, 0) });
      expect(await valuesAt(set, 'x', [1, 0])).toEqual([3, -40, 1.5, 2]);
    });
  });

  it('may be separated by semicolons or tabs, be packed, and have columns for several inputs', async () => {
    folder.write('pairs.tsv.gz', gzipSync('b\ta\ty\n1\t2\t0\n3\t4\t1\n'));
    const inputs = ['a', 'b'].map((name) => ({ name, dtype: 'int64', shape: ['batch', 1] }));
    await withSet(base, 'pairs.tsv.gz', inputs, async (set) => {
      expect(set.labels).toEqual(Int32Array.of(0, 1));
      expect(await valuesAt(set, 'a', [0, 1])).toEqual([2, 4]);
      expect(await valuesAt(set, 'b', [0, 1])).toEqual([1, 3]);
    });
    folder.write('half.csv', 'a;b\n1;2\n3;4\n');
    await withSet(base, 'half.csv', [two], async (set) => expect(await valuesAt(set, 'x', [1])).toEqual([3, 4]));
  });

  it('has columns chosen, scaled, and an offset of labels', async () => {
    folder.write('three.csv', 'a,b,c,kind\n10,20,30,0\n40,50,60,1\n');
    const data = { input: { column: ['c', 'a'], scale: 0.1 }, labelOffset: 1 };
    const source = { path: 'three.csv', label: 'kind' };
    await withSet(
      base,
      source,
      [two],
      async (set) => {
        expect(set.labels).toEqual(Int32Array.of(1, 2));
        expect(await valuesAt(set, 'x', [1])).toEqual([6, 4]);
      },
      data,
    );
  });

  it.each([
    ['a,b\n1,2\n3\n', /no table of rows and columns: the row in line 3 has more or fewer cells than the first\. /],
    ['a,b\n1,"2\n3,4\n', /a quote in line \d is never closed\. /],
    ['a,b\n', /has no rows below its first line/],
    ['', /has no rows|is no data/],
    [
      'a,b\n1,2\n3,four\n',
      /^Column b of "bad\.csv" holds something else in row 1, where the first row has a number\. /,
    ],
    [
      'a,b,label\n1,2,0\n3,4,0.5\n',
      /holds 0\.5 in row 1, which is no class number\. Name columns of values to predict/,
    ],
    ['a,b,label\n1,2,cat\n3,4,\n', /^Column label of "bad\.csv" has no label in row 1\. /],
    ['a,b,c\n1,2,3\n4,5,6\n', /\[3\]; the model's input x takes \[2\]/],
    ['a,b\n1,nan\n3,4\n', /sample 0 holds NaN/],
  ])('%j is refused in one sentence', async (text, expected) => {
    const message = await messageOf('bad.csv', text);
    expect(message).toMatch(expected);
    expect(isSentence(message)).toBe(true);
  });

  it('with a class that the recipe does not name is refused', async () => {
    expect(await messageOf('bad.csv', 'a,b,label\n1,2,cat\n1,2,cow\n', [two], { labels: ['cat', 'dog'] })).toMatch(
      /holds "cow" in row 1, which is not one of the classes that the recipe names\.$/,
    );
  });
});

describe('JSON lines', () => {
  it('give lists, and targets', async () => {
    folder.write('rows.jsonl', '{"x":[1,2],"target_y":3}\n\n{"target_y":4.5,"x":[5,6]}\n');
    await withSet(base, 'rows.jsonl', [two], async (set) => {
      expect(await valuesAt(set, 'x', [1])).toEqual([5, 6]);
      expect((await set.targets?.read([1]))?.['y']?.data).toEqual(Float64Array.of(4.5));
    });
  });

  it.each([
    ['{"x":[1,2]}\n{"x":\n', /^Line 2 of "bad\.jsonl" is no JSON\. /],
    ['{"x":[1,2]}\n[1,2]\n', /^Line 2 of "bad\.jsonl" is no object\. /],
    ['{"x":[1,2]}\n{"x":[1]}\n', /holds 1 numbers in row 1, where the first row has numbers of \[2\]\. /],
    ['{"x":[1,2]}\n{"z":1}\n', /holds something else in row 1/],
    ['\n', /has no rows\.$/],
  ])('%j are refused in one sentence', async (text, expected) => {
    const message = await messageOf('bad.jsonl', text);
    expect(message).toMatch(expected);
    expect(isSentence(message)).toBe(true);
  });
});

describe('a table that names files', () => {
  const picture: InputFacts = { name: 'x', dtype: 'float32', shape: ['batch', 1, 1, 2] };
  const raw = { input: { scale: 1 } };

  it('has them as samples, relative to it', async () => {
    folder.write('one.png', encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(3, 4) }));
    folder.write('files.csv', 'file_name,label\none.png,cat\none.png,dog\n');
    await withSet(
      base,
      'files.csv',
      [picture],
      async (set) => {
        expect(set).toMatchObject({ length: 2, classNames: ['cat', 'dog'] });
        expect(await valuesAt(set, 'x', [1])).toEqual([3, 4]);
      },
      raw,
    );
  });

  it('is told which of them is missing, or is none', async () => {
    const missing = await messageOf('files.csv', 'file_name\none.png\ntwo.png\n', [picture], raw);
    expect(missing).toMatch(/two\.png/);
    folder.write('three.png', 'no picture');
    const broken = await messageOf('files.csv', 'file_name\none.png\nthree.png\n', [picture], raw);
    expect(broken).toMatch(/row 1" is neither a PNG nor a JPEG image inside\. /);
    for (const message of [missing, broken]) expect(isSentence(message)).toBe(true);
  });
});

describe('texts with a tokenizer', () => {
  const tokenizer = path.resolve(__dirname, '../../fixtures/data/tokenizer.json');
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
    name,
    dtype: 'int64',
    shape: ['batch', 'sequence'],
  }));
  folder.write('texts.csv', 'text,label\nThe cats sat on the mat.,1\n"Unhappy DOGS, a zebra!",0\n');

  // Python's tokenizers 0.23, `make_tokenizer.py`.
  it('become what Python’s tokenizers make of them, padded', async () => {
    const data = { input: { tokenizer, maxLength: 12 } };
    await withSet(
      base,
      'texts.csv',
      inputs,
      async (set) => {
        expect(set.inputs['input_ids']).toEqual({ dtype: 'int64', shape: [12] });
        expect(await valuesAt(set, 'input_ids', [0])).toEqual([2, 4, 6, 11, 8, 9, 4, 10, 15, 3, 0, 0]);
        expect(await valuesAt(set, 'attention_mask', [0])).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
        expect(await valuesAt(set, 'token_type_ids', [0])).toEqual(new Array(12).fill(0));
      },
      data,
    );
  });

  it('are cut so that the tokens around them stay', async () => {
    const data = { input: { tokenizer, maxLength: 6 } };
    await withSet(
      base,
      'texts.csv',
      inputs,
      async (set) => expect(await valuesAt(set, 'input_ids', [1])).toEqual([2, 17, 18, 7, 11, 3]),
      data,
    );
  });

  it('need a tokenizer that is one, a column of texts, and inputs that it makes', async () => {
    folder.write('none.json', '{"model":{"type":"Strange"}}');
    const withTokenizer = (file: string): object => ({ input: { tokenizer: file } });
    const text = 'text,label\na cat,1\na dog,0\n';
    const none = await messageOf('texts-2.csv', text, inputs, withTokenizer('none.json'));
    expect(none).toMatch(/^"none\.json" is not a tokenizer as Hugging Face publishes it\. /);
    const lost = await messageOf('texts-2.csv', text, inputs, withTokenizer('lost.json'));
    expect(lost).toMatch(/lost\.json/);
    const numbers = await messageOf('numbers.csv', 'a,b\n1,2\n', inputs, { input: { tokenizer, column: 'c' } });
    expect(numbers).toMatch(/and none of them is a text\. Say which with data\.input\.column/);
    const extra = [...inputs, { name: 'position_ids', dtype: 'int64', shape: ['batch', 'sequence'] }];
    const unfed = await messageOf('texts-2.csv', text, extra, withTokenizer(tokenizer));
    expect(unfed).toMatch(/the model also takes position_ids, which nothing feeds\.$/);
    for (const message of [none, lost, numbers, unfed]) expect(isSentence(message)).toBe(true);
  });
});
