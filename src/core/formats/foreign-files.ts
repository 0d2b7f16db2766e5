/** What a file is when it is not a model that we read: from its first bytes, in a user's words. */
interface ForeignFile {
  /** "a PyTorch checkpoint (a zip archive)" */
  readonly title: string;
  readonly advice: string;
  matches(head: Uint8Array): boolean;
}

/** Bytes of the beginning that recognising needs. */
export const HEAD_BYTES = 4096;

const EXPORT = 'Export the model to ONNX and open that file.';

const text = (head: Uint8Array): string => Buffer.from(head).toString('latin1');
const startsWith = (...bytes: number[]) => {
  return (head: Uint8Array): boolean => bytes.every((byte, index) => head[index] === byte);
};
const textAt = (offset: number, expected: string) => {
  return (head: Uint8Array): boolean => text(head.subarray(offset, offset + expected.length)) === expected;
};

const FOREIGN_FILES: readonly ForeignFile[] = [
  {
    title: 'a Git LFS pointer, not the model itself',
    advice: 'Run "git lfs pull" in its repository to get the model.',
    matches: textAt(0, 'version https://git-lfs.github.com/spec/'),
  },
  {
    title: 'a web page, not a model: the download gave an error page',
    advice: 'Open it in a browser to see what it says, then download the model again.',
    matches: (head) => /^(\ufeff|ï»¿)?\s*(<!--[^]*?-->\s*)?<(!doctype\s+html|html|head|body)[\s>]/i.test(text(head)),
  },
  {
    title: 'a PyTorch checkpoint',
    advice: 'Export the model with torch.onnx.export and open that file.',
    matches: (head) => startsWith(0x50, 0x4b, 0x03, 0x04)(head) && text(head).includes('/data.pkl'),
  },
  {
    title: 'a zip archive',
    advice: 'Unpack it and open the model inside.',
    matches: startsWith(0x50, 0x4b, 0x03, 0x04),
  },
  { title: 'a GGUF file', advice: EXPORT, matches: textAt(0, 'GGUF') },
  { title: 'a TensorFlow Lite model', advice: EXPORT, matches: textAt(4, 'TFL3') },
  {
    title: 'an HDF5 file, as Keras writes them',
    advice: EXPORT,
    matches: startsWith(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a),
  },
  {
    title: 'a safetensors file: weights without a graph',
    advice: EXPORT,
    matches: (head) => head[8] === 0x7b && head[9] === 0x22 && startsWithSmallLength(head),
  },
  { title: 'an ONNX Runtime model (.ort)', advice: 'Open the ONNX file it was made from.', matches: textAt(4, 'ORTM') },
  { title: 'a NumPy array', advice: 'Open the model, and give this file as data.', matches: textAt(1, 'NUMPY') },
  {
    title: 'a Python pickle',
    advice: EXPORT,
    matches: (head) => head[0] === 0x80 && (head[1] ?? 0) <= 5 && (head[1] ?? 0) >= 2,
  },
  { title: 'a gzip archive', advice: 'Unpack it and open the model inside.', matches: startsWith(0x1f, 0x8b) },
  { title: 'a PDF document', advice: 'Name a model file.', matches: textAt(0, '%PDF-') },
  { title: 'a PNG picture', advice: 'Name a model file.', matches: startsWith(0x89, 0x50, 0x4e, 0x47) },
  { title: 'a JPEG picture', advice: 'Name a model file.', matches: startsWith(0xff, 0xd8, 0xff) },
  {
    title: 'a JSON text',
    advice: 'Name a model file.',
    matches: (head) => /^\s*[{[]\s*["{[\]}]/.test(text(head)),
  },
];

/** A safetensors file begins with the length of its JSON header, which is far below 4 GiB. */
function startsWithSmallLength(head: Uint8Array): boolean {
  return head.subarray(4, 8).every((byte) => byte === 0);
}

/** What is wrong with a file as a whole and what to do, continuing its name; null when it may be a model. */
export function foreignReason(head: Uint8Array): string | null {
  if (head.byteLength === 0) return 'is empty. Download or export it again.';
  if (head.every((byte) => byte === 0)) {
    return 'has nothing but zeros in it, as an interrupted download leaves. Download or export it again.';
  }
  const found = FOREIGN_FILES.find((file) => file.matches(head));
  return found === undefined ? null : `is ${found.title}. ${found.advice}`;
}
