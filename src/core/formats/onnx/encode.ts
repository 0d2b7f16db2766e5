import { EdgewiseError } from '../../errors';
import type { Model } from '../../model/model';
import { quietContext, type JobContext } from '../../progress';
import { MemorySink } from '../byte-sink';
import { ModelSources } from '../model-sources';
import { readerOver } from '../weight-reader';
import { MAX_MODEL_BYTES } from './limits';
import { Emitter } from './write/emit';
import { encodeModel } from './write/encode-model';
import { inlineStorage } from './write/storage';

/**
 * The model as the bytes of one ONNX file, all weights inside: for sessions on a graph that lies in no file.
 * @throws EdgewiseError `limit` beyond 2 GiB, which no protobuf reader takes; `changed` when the model's file did.
 */
export async function encodeOnnx(model: Model, context: JobContext = quietContext()): Promise<Uint8Array> {
  const message = encodeModel(model, inlineStorage);
  if (message.byteLength > MAX_MODEL_BYTES) {
    throw new EdgewiseError(
      'limit',
      'The model has more than 2 GiB, which cannot be run from memory. Write it to a file and run that.',
    );
  }
  const sources = new ModelSources(model.files);
  try {
    const sink = new MemorySink(message.byteLength);
    await new Emitter(sources, readerOver(sources), context, 'Encoding the model', message.byteLength).emit(
      message.parts,
      sink,
    );
    return sink.bytes;
  } finally {
    await sources.close();
  }
}
