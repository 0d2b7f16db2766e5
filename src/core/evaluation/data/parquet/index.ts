import { openBytes } from '../bytes';
import type { SourceKind } from '../raw-set';
import { tableSet } from '../table/table-set';
import { openParquet } from './parquet-table';

const MAGIC = [0x50, 0x41, 0x52, 0x31];

/** Parquet, as Hugging Face stores data sets: files in cells (`{ bytes, path }`), or columns of numbers and texts. */
export const parquet: SourceKind = {
  title: 'a Parquet file (images, or columns of numbers or texts)',
  recognizes: (head) => head !== null && MAGIC.every((byte, index) => head[index] === byte),
  async open(request) {
    const source = await openBytes(request.path, request.name);
    try {
      return await tableSet(await openParquet(source, request.name), request);
    } catch (error) {
      await source.close();
      throw error;
    }
  },
};
