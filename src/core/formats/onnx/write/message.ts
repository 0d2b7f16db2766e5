import type { Weight } from '../../../model/model';
import type { Outline, Range } from '../outline';
import { BYTES, tagOf, VARINT, varintBytes } from '../wire';

/** What a message is made of, in order. */
export type Part =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** As it stands in the file that was read. */
  | { readonly kind: 'copied'; readonly outline: Outline; readonly start: number; readonly end: number }
  /** The dense bytes of a weight, `byteLength` of them, made when they are written. */
  | { readonly kind: 'weight'; readonly weight: Weight; readonly byteLength: number }
  | { readonly kind: 'zeros'; readonly byteLength: number };

export function partBytes(part: Part): number {
  switch (part.kind) {
    case 'bytes':
      return part.bytes.byteLength;
    case 'copied':
      return part.end - part.start;
    default:
      return part.byteLength;
  }
}

/** A message being put together: its length is known before any weight is read. */
export class Message {
  readonly parts: Part[] = [];
  byteLength = 0;

  /** A string of ASCII or UTF-8; empty ones are left out, as protobuf does for absent fields. */
  text(field: number, value: string): void {
    if (value !== '') this.bytesField(field, Buffer.from(value, 'utf8'));
  }

  integer(field: number, value: number): void {
    this.bytes(Uint8Array.from([...varintBytes(tagOf(field, VARINT)), ...varintBytes(value)]));
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.header(field, bytes.byteLength);
    this.bytes(bytes);
  }

  message(field: number, message: Message): void {
    this.header(field, message.byteLength);
    for (const part of message.parts) this.add(part);
  }

  weight(field: number, weight: Weight, byteLength: number): void {
    this.header(field, byteLength);
    this.add({ kind: 'weight', weight, byteLength });
  }

  /** A whole field, tag and length included, as it stands in the file. */
  copy(outline: Outline, range: Range): void {
    this.add({ kind: 'copied', outline, start: range.start, end: range.end });
  }

  /** A field whose value is a message as it stands in the file. */
  copiedMessage(field: number, outline: Outline, range: Range): void {
    this.header(field, range.end - range.start);
    this.copy(outline, range);
  }

  /** Fields that are encoded already. */
  append(encoded: Uint8Array): void {
    this.bytes(encoded);
  }

  private header(field: number, length: number): void {
    this.bytes(Uint8Array.from([...varintBytes(tagOf(field, BYTES)), ...varintBytes(length)]));
  }

  private bytes(bytes: Uint8Array): void {
    this.add({ kind: 'bytes', bytes });
  }

  /** Neighbours in the file become one part, so that an unchanged graph is one copy. */
  private add(part: Part): void {
    this.byteLength += partBytes(part);
    const last = this.parts.at(-1);
    if (part.kind === 'copied' && last?.kind === 'copied' && last.outline === part.outline && last.end === part.start) {
      this.parts[this.parts.length - 1] = { ...part, start: last.start };
    } else if (partBytes(part) > 0) this.parts.push(part);
  }
}
