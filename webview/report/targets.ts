import { html, nothing, type TemplateResult } from 'lit';
import { bytes, exactBytes } from '../shared/format';
import type { Report } from './report-types';

/** What was asked for, whether it came true, and what counts in the place that the model is for. */
export function targets(report: Report): TemplateResult | typeof nothing {
  const { target } = report;
  if (!target) return nothing;
  return html`${verdict(report, limits(target))} ${place(target)}`;
}

const PLACES: Partial<Record<string, string>> = {
  'ort-x64': 'ONNX Runtime on x86',
  'ort-arm64': 'ONNX Runtime on ARM',
  'ort-web': 'ONNX Runtime in browsers',
  tflite: 'TensorFlow Lite',
  coreml: 'Core ML',
  micro: 'microcontrollers',
};

type Target = NonNullable<Report['target']>;

function limits({ maxDrop, maxSize }: Target): string | null {
  const parts = [
    ...(maxDrop === undefined ? [] : [`at most ${maxDrop} points less`]),
    ...(maxSize === undefined ? [] : [`at most ${bytes(maxSize)}`]),
  ];
  return parts.length === 0 ? null : `The target of ${parts.join(' and ')}`;
}

/** Without a limit there is nothing to meet. */
function verdict({ target, output }: Report, limit: string | null): TemplateResult | typeof nothing {
  if (target?.met) {
    if (limit === null) return nothing;
    return html`<p class="target"><span class="sign" aria-hidden="true">✓</span> ${limit} is met.</p>`;
  }
  const kept = output === null ? 'No file was kept.' : 'The file was kept all the same, as asked.';
  return html`<p class="target warning">
    <span class="sign" aria-hidden="true">!</span> ${limit ?? 'The target'} is missed. ${kept}
  </p>`;
}

function place({ runtime, micro }: Target): TemplateResult | typeof nothing {
  if (runtime === undefined) return nothing;
  return html`<p>
    Made for ${PLACES[runtime] ?? runtime}; latency is this
    computer’s.${
      micro === undefined
        ? nothing
        : html` It takes <span title=${exactBytes(micro.flashBytes)}>${bytes(micro.flashBytes)} of flash</span> and a
            tensor arena of <span title=${exactBytes(micro.arenaBytes)}>${bytes(micro.arenaBytes)}</span>.`
    }
  </p>`;
}
