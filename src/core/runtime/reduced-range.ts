import { arch } from 'node:os';
import { needsReducedRange } from './processor';

/** Where a model is to run, as recipes name it. */
export type RuntimeTarget = 'ort-x64' | 'ort-arm64' | 'ort-web' | 'tflite' | 'coreml' | 'micro';

/** Whether weights of static int8 keep to 7 bits, and why, in a sentence. */
export interface RangeAdvice {
  readonly reduce: boolean;
  readonly why: string;
}

const ELSEWHERE: Readonly<Record<RuntimeTarget, RangeAdvice>> = {
  'ort-x64': {
    reduce: true,
    why: 'Weights have 7 bits: an x86 processor without VNNI adds pairs of 8-bit products in 16 bits, which saturates, and the target may be one.',
  },
  'ort-arm64': { reduce: false, why: 'Weights have 8 bits: ARM processors add 8-bit products in 32 bits.' },
  'ort-web': {
    reduce: false,
    why: 'Weights have 8 bits: WebAssembly has no 8-bit products, so they are widened to 16 bits first and summed in 32.',
  },
  tflite: { reduce: false, why: 'Weights have 8 bits: TensorFlow Lite adds 8-bit products in 32 bits.' },
  coreml: { reduce: false, why: 'Weights have 8 bits: Core ML adds 8-bit products in 32 bits.' },
  micro: { reduce: false, why: 'Weights have 8 bits: kernels for microcontrollers add 8-bit products in 32 bits.' },
};

/**
 * For a target that is named, what every processor of it can do; without one, or when `thisComputer` says that the
 * target is this one, what a product of this processor shows.
 */
export async function rangeAdvice(target: RuntimeTarget | null, thisComputer = target === null): Promise<RangeAdvice> {
  if (target !== null && !(thisComputer && runsHere(target))) return ELSEWHERE[target];
  return (await needsReducedRange())
    ? {
        reduce: true,
        why: 'Weights have 7 bits: this processor adds pairs of 8-bit products in 16 bits, which saturates (x86 without VNNI).',
      }
    : { reduce: false, why: 'Weights have 8 bits: this processor adds 8-bit products without saturating.' };
}

function runsHere(target: RuntimeTarget): boolean {
  return target === `ort-${arch()}`;
}
