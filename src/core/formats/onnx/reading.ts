import { EdgewiseError } from '../../errors';
import { quoted } from '../file-errors';
import type { ExternalFiles } from './external-data';
import { MAX_NODES } from './limits';
import type { Field, Outline, Range } from './outline';

/** What every part of the reader shares while one file is read. */
export class Reading {
  private nodes = 0;

  constructor(
    readonly path: string,
    readonly outline: Outline,
    readonly external: ExternalFiles,
  ) {}

  malformed(what: string): EdgewiseError {
    return new EdgewiseError('malformed', `${quoted(this.path)} is damaged: ${what}. Export or download it again.`, {
      file: this.path,
    });
  }

  unsupported(what: string): EdgewiseError {
    return new EdgewiseError('unsupported', `${quoted(this.path)} cannot be opened: ${what}.`, { file: this.path });
  }

  countNode(): void {
    this.nodes += 1;
    if (this.nodes > MAX_NODES) {
      throw new EdgewiseError('limit', `${quoted(this.path)} has more than ${MAX_NODES} nodes, too many to open.`, {
        file: this.path,
      });
    }
  }

  /** The message's bytes without fields that were left out, fit for decoding. */
  bytesOf(range: Range): Uint8Array {
    return this.outline.slice(range.start, range.end) ?? this.join([...this.outline.fields(range)]);
  }

  /** Whole fields, one after the other, as a message; those that were left out are missing. */
  join(fields: readonly Field[]): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const field of fields) {
      const part = this.outline.slice(field.start, field.end);
      if (part !== null) parts.push(part);
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }
}

/** Where a field's value lies, without its tag and length. */
export function valueOf(field: Field): Range {
  return { start: field.valueStart, end: field.end };
}
