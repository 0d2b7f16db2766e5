import { EdgewiseError } from '../../errors';
import type { ByteSource } from '../byte-source';
import { quoted } from '../file-errors';
import { INLINE_BYTES, MAX_DEPTH, MAX_FIELD_BYTES } from './limits';
import { MODEL, type MessageKind } from './messages';
import { Outline } from './outline';
import { ScanWindow } from './scan-window';
import { BYTES, FIXED32, FIXED64, VARINT, WireError } from './wire';

/** A tag and a length take at most this many bytes: two varints of ten. */
const HEADER_BYTES = 20;

/**
 * Walks a model file once, through a window of bounded size, and leaves out the payloads of tensors.
 * @throws EdgewiseError `truncated`, `limit`; WireError where the bytes are not a protobuf message.
 */
export async function scanModel(source: ByteSource): Promise<Outline> {
  const window = new ScanWindow(source);
  await scanMessage(window, MODEL, source.size, 0);
  return new Outline(window.kept(), source.size, window.holes);
}

async function scanMessage(window: ScanWindow, kind: MessageKind, end: number, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) {
    throw limit(window, `nests its graphs more than ${MAX_DEPTH} messages deep`);
  }
  while (window.position < end) {
    if (!window.holds(HEADER_BYTES)) await window.fill(HEADER_BYTES);
    const tag = window.varint();
    const wireType = tag % 8;
    if (wireType === VARINT) window.varint();
    else if (wireType === FIXED64) await window.keep(8);
    else if (wireType === FIXED32) await window.keep(4);
    else if (wireType === BYTES) await scanBytes(window, kind, Math.floor(tag / 8), end, depth);
    else throw new WireError(`a field has the wire type ${wireType}`);
    if (window.position > end) throw new WireError(`a field is longer than the ${kind.name} that holds it`);
  }
}

async function scanBytes(
  window: ScanWindow,
  kind: MessageKind,
  number: number,
  end: number,
  depth: number,
): Promise<void> {
  const length = window.varint();
  checkLength(window, kind, length, end);
  const child = kind.children.get(number);
  if (length <= INLINE_BYTES) {
    if (!window.advance(length)) await window.keep(length);
  } else if (child !== undefined) {
    await scanMessage(window, child, window.position + length, depth + 1);
  } else if (kind.payload.has(number) || !kind.known.has(number)) {
    await window.skip(length);
  } else if (length > MAX_FIELD_BYTES) {
    throw limit(window, `has a text of ${length} bytes in a ${kind.name}`);
  } else {
    await window.keep(length);
  }
}

function checkLength(window: ScanWindow, kind: MessageKind, length: number, end: number): void {
  if (length <= end - window.position) return;
  if (end === window.source.size) {
    throw new EdgewiseError(
      'truncated',
      `${quoted(window.source.path)} is cut off: it declares ${length} bytes where ${end - window.position} are left. Download or export it again.`,
      { file: window.source.path },
    );
  }
  throw new WireError(`a field is longer than the ${kind.name} that holds it`);
}

function limit(window: ScanWindow, what: string): EdgewiseError {
  return new EdgewiseError(
    'limit',
    `${quoted(window.source.path)} ${what}, which no exporter writes. The file is probably damaged.`,
    { file: window.source.path },
  );
}
