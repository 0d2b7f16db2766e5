/** JPEG's markers that begin a frame, and with it state sizes: SOF0 to SOF15 without DHT, JPG and DAC. */
const NO_FRAMES = [0xc4, 0xc8, 0xcc];
const PNG_SIGNATURE = 0x89504e47;

/** Width and height of a PNG or JPEG file, from its header alone; null where it has none. */
export function imageSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength >= 24 && view.getUint32(0) === PNG_SIGNATURE)
    return positive(view.getUint32(16), view.getUint32(20));
  return view.byteLength >= 4 && view.getUint16(0) === 0xffd8 ? jpegSize(view) : null;
}

function jpegSize(view: DataView): { width: number; height: number } | null {
  // Each segment: 0xff, its marker, its length with these two bytes.
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    // Fill bytes before a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.includes(marker);
    if (isFrame) return positive(view.getUint16(at + 7), view.getUint16(at + 5));
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function positive(width: number, height: number): { width: number; height: number } | null {
  return width > 0 && height > 0 ? { width, height } : null;
}
