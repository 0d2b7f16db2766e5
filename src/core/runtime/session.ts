import { existsSync } from 'node:fs';
import path from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { EdgewiseError, messageOf } from '../errors';
import { toFloat16 } from '../model/float16';
import { withProvider, type ProviderChoice } from './execution-provider';
import { firstSentence, onnxRuntime } from './onnxruntime';
import { isTensorDType, type Tensor, type TensorDType } from './tensor';
import { defaultThreads } from './threads';

export interface SessionOptions extends ProviderChoice {
  /** Threads inside one operator; default: physical cores. */
  readonly threads?: number;
  /** Writes the optimized graph here: to see what was fused. */
  readonly optimizedPath?: string;
  /** Runs the graph as it is written, node by node: for calibration and comparing. */
  readonly disableOptimization?: boolean;
  /** ONNX Runtime's own configuration entries by their keys, `session.disable_quant_qdq` among them. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** What errors call the model; default: its file's name, "the model" when it is given as bytes. */
  readonly name?: string;
}

/** An input or output as ONNX Runtime reports it. */
export interface SessionValue {
  readonly name: string;
  /** Null for values that are not tensors, and for strings. */
  readonly dtype: TensorDType | null;
  /** Symbols by name, "" where a dimension has none. Null for values that are not tensors. */
  readonly shape: readonly (number | string)[] | null;
}

/** A model ready to run. Calls are synchronous on the thread: let messages through between them (`breathe`). */
export interface Session {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  readonly threads: number;
  /** From file or bytes to ready, graph optimization included. */
  readonly loadMs: number;
  /**
   * One run. `fetch` names the outputs that are wanted; default: all that are tensors of numbers, since ONNX Runtime
   * hands no others over here.
   * @throws EdgewiseError `runtime` with ONNX Runtime's reason in a sentence.
   */
  run(feeds: Readonly<Record<string, Tensor>>, fetch?: readonly string[]): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/** ONNX Runtime's level "fatal": its errors come back as exceptions, and its log would stand among our own lines. */
const LOG_FATAL_ONLY = 4;
/** Operator sets before 7 run only by luck, and operators of others need a build of their own. */
const EXPORT_AGAIN = 'Export the model again with standard operators of set 7 or newer.';
const CHECK_PATH = 'Check the path.';

/**
 * Opens a model, from a file (external data is found beside it) or from bytes: on the processor, unless options name
 * another provider and it is to be had.
 * @throws EdgewiseError `runtime` naming the file, when ONNX Runtime cannot load it.
 */
export async function openSession(model: string | Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const ort = await onnxRuntime();
  const name = options.name ?? (typeof model === 'string' ? `"${path.basename(model)}"` : 'the model');
  const threads = options.threads ?? defaultThreads();
  const begin = performance.now();
  const session = await withProvider(ort, options, (providers) =>
    create(ort, model, name, runtimeOptions(options, providers, threads)),
  );
  return new OpenSession(ort, session, name, threads, performance.now() - begin);
}

function runtimeOptions(
  options: SessionOptions,
  executionProviders: string[],
  threads: number,
): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: LOG_FATAL_ONLY,
    graphOptimizationLevel: options.disableOptimization ? 'disabled' : 'all',
    ...(options.optimizedPath === undefined ? {} : { optimizedModelFilePath: options.optimizedPath }),
    ...(options.configuration === undefined ? {} : { extra: options.configuration }),
  };
}

async function create(
  ort: typeof Ort,
  model: string | Uint8Array,
  name: string,
  options: Ort.InferenceSession.SessionOptions,
): Promise<Ort.InferenceSession> {
  try {
    return typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  } catch (cause) {
    const gone = typeof model === 'string' && !existsSync(model);
    throw new EdgewiseError(
      'runtime',
      `ONNX Runtime cannot load ${name}: ${firstSentence(messageOf(cause))} ${gone ? CHECK_PATH : EXPORT_AGAIN}`,
      { ...(typeof model === 'string' ? { file: model } : {}), cause },
    );
  }
}

class OpenSession implements Session {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  private readonly tensors: readonly string[];

  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly name: string,
    readonly threads: number,
    readonly loadMs: number,
  ) {
    this.inputs = session.inputMetadata.map(sessionValue);
    this.outputs = session.outputMetadata.map(sessionValue);
    this.tensors = this.outputs.filter(({ dtype }) => dtype !== null).map(({ name }) => name);
  }

  async run(feeds: Readonly<Record<string, Tensor>>, fetch?: readonly string[]): Promise<Record<string, Tensor>> {
    const values = Object.fromEntries(
      Object.entries(feeds).map(([input, tensor]) => [input, this.feed(input, tensor)]),
    );
    let answers: Ort.InferenceSession.OnnxValueMapType;
    try {
      answers = await this.session.run(values, [...(fetch ?? this.tensors)]);
    } catch (cause) {
      throw this.failure(`cannot run ${this.name}: ${firstSentence(messageOf(cause))}`, cause);
    }
    return Object.fromEntries(Object.entries(answers).map(([output, value]) => [output, this.answer(output, value)]));
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  /** Floats become halves for an input that takes those: samples are the same for a model and what became of it. */
  private feed(input: string, tensor: Tensor): Ort.Tensor {
    const takesHalf = this.inputs.some(({ name, dtype }) => name === input && dtype === 'float16');
    if (takesHalf && tensor.data instanceof Float32Array)
      return new this.ort.Tensor('float16', Uint16Array.from(tensor.data, toFloat16), tensor.shape);
    return new this.ort.Tensor(tensor.dtype, tensor.data, tensor.shape);
  }

  private answer(output: string, value: Ort.OnnxValue): Tensor {
    const { type, data } = value;
    if (!isTensorDType(type) || !ArrayBuffer.isView(data)) {
      throw this.failure(`gives output ${output} of ${this.name} as ${type}, which cannot be read here.`);
    }
    return { dtype: type, shape: [...value.dims], data };
  }

  private failure(rest: string, cause?: unknown): EdgewiseError {
    return new EdgewiseError('runtime', `ONNX Runtime ${rest}`, { cause });
  }
}

function sessionValue(metadata: Ort.InferenceSession.ValueMetadata): SessionValue {
  if (!metadata.isTensor) return { name: metadata.name, dtype: null, shape: null };
  return { name: metadata.name, dtype: isTensorDType(metadata.type) ? metadata.type : null, shape: metadata.shape };
}
