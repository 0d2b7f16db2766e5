import { EdgewiseError } from '../../errors';
import type { FunctionDefinition, Graph, Model } from '../../model/model';
import type { ByteSource } from '../byte-source';
import { quoted } from '../file-errors';
import { openFile } from '../file-source';
import { ExternalFiles } from './external-data';
import { withOrigin } from './origin';
import type { Field, Outline } from './outline';
import { readFunction, readGraph } from './read-graph';
import { entriesOf } from './read-node';
import { Reading, valueOf } from './reading';
import { scanModel } from './scan';
import { modelHead, toNumber, type ModelHead } from './schema';

/** Field numbers of `ModelProto`. */
export const MODEL_FIELD = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  functions: 25,
} as const;

/** Before it, a file without `opset_import` means version 1 of the standard operators. */
const IR_VERSION_WITH_OPSETS = 3;

/**
 * Reads the structure of an ONNX file. Weight bytes stay on disk, small ones excepted.
 * @throws EdgewiseError with the file's name and what to do.
 */
export async function readOnnx(path: string): Promise<Model> {
  const source = await openFile(path);
  try {
    const outline = await scanModel(source);
    return await decodeModel(source, outline);
  } catch (error) {
    throw await readableError(source, error);
  } finally {
    await source.close();
  }
}

async function decodeModel(source: ByteSource, outline: Outline): Promise<Model> {
  const external = new ExternalFiles(source.path);
  const reading = new Reading(source.path, outline, external);
  const range = { start: 0, end: source.size };
  let graph: Graph | null = null;
  const functions: FunctionDefinition[] = [];
  const rest: Field[] = [];
  for (const field of outline.fields(range)) {
    if (field.number === MODEL_FIELD.graph) {
      if (graph !== null) throw reading.malformed('it has more than one graph');
      graph = readGraph(reading, valueOf(field));
    } else if (field.number === MODEL_FIELD.functions) functions.push(readFunction(reading, valueOf(field)));
    else rest.push(field);
  }
  const head = modelHead.decode(reading.join(rest));
  if (graph === null) throw reading.malformed('it has no graph, so it was probably cut off');
  const files = [{ path: source.path, size: source.size, identity: source.identity }, ...(await external.check())];
  return modelOf(reading, range, head, graph, functions, files);
}

function modelOf(
  reading: Reading,
  range: { start: number; end: number },
  head: ModelHead,
  graph: Graph,
  functions: readonly FunctionDefinition[],
  files: Model['files'],
): Model {
  return withOrigin(reading.outline, range, (origin) => ({
    format: 'onnx' as const,
    formatVersion: `IR ${toNumber(head.irVersion)}`,
    producer: [head.producerName, head.producerVersion].filter((part) => part !== '').join(' '),
    opsets: opsetsOf(reading, head),
    metadata: entriesOf(head.metadataProps),
    graph,
    functions,
    files,
    origin,
  }));
}

function opsetsOf(reading: Reading, head: ModelHead): ReadonlyMap<string, number> {
  if (head.opsetImport.length === 0) {
    if (toNumber(head.irVersion) < IR_VERSION_WITH_OPSETS) return new Map([['', 1]]);
    throw reading.malformed('it does not say which operator set it uses, so it was probably cut off');
  }
  return new Map(
    head.opsetImport.map((entry) => [entry.domain === 'ai.onnx' ? '' : entry.domain, toNumber(entry.version)]),
  );
}

/** What the walk or protobufjs threw, as a sentence: is this a damaged ONNX file, or no ONNX file at all? */
async function readableError(source: ByteSource, error: unknown): Promise<unknown> {
  const damaged = !EdgewiseError.is(error) || error.kind === 'malformed' || error.kind === 'truncated';
  if (!damaged) return error;
  if (!(await startsLikeOnnx(source))) {
    return new EdgewiseError(
      'not-a-model',
      `${quoted(source.path)} is not an ONNX model: its bytes are not in that format. Check that it is the file you meant, or export it again.`,
      { file: source.path, cause: error },
    );
  }
  if (EdgewiseError.is(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EdgewiseError(
    'malformed',
    `${quoted(source.path)} is damaged: it cannot be decoded (${reason}). Export or download it again.`,
    { file: source.path, cause: error },
  );
}

/** Writers put the IR version first: field 1, a small number. */
async function startsLikeOnnx(source: ByteSource): Promise<boolean> {
  if (source.size < 2) return false;
  const [tag, version] = await source.read(0, 2);
  return tag === 0x08 && version !== undefined && version > 0 && version < 100;
}
