import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshProcess, seconds, type Measured } from './child';

/** EDGEWISE_BENCHMARK_EPOCHS and _SEEDS ask for others. */
const EPOCHS = Number(process.env['EDGEWISE_BENCHMARK_EPOCHS'] ?? 3);
const SEEDS = (process.env['EDGEWISE_BENCHMARK_SEEDS'] ?? '1,2,3').split(',');
const THREADS = 2;
/** Points by which the mean may be below PyTorch's. */
const LIMIT = 0.3;

interface Subject {
  readonly network: string;
  /** With batch normalization in place (`X.bn.onnx`), or folded, as most exports are. */
  readonly normalization: 'in place' | 'folded';
  readonly weights: number;
  readonly rate: number;
  /** PyTorch's accuracy by the same recipe, %, one seed; from `../shared/zoo/README.md`. */
  readonly reference: number | null;
  /** How many times smaller the whole file is at least. */
  readonly smaller: number | null;
}

const SUBJECTS: readonly Subject[] = [
  ...inPlace('resnet14', 93.4, 93.13, [6, 9]),
  ...inPlace('mobilenet_small', 92.44, 91.29, [null, null]),
  ...inPlace('vgg_small', null, 93.5, [7, 11]),
  folded('resnet14', 93.09, 9),
  folded('mobilenet_small', 89.72, null),
];

function inPlace(
  network: string,
  four: number | null,
  two: number | null,
  smaller: readonly [number | null, number | null],
): readonly Subject[] {
  const given = { network, normalization: 'in place', rate: 1e-3 } as const;
  return [
    { ...given, weights: 4, reference: four, smaller: smaller[0] },
    { ...given, weights: 2, reference: two, smaller: smaller[1] },
  ];
}

function folded(network: string, reference: number, smaller: number | null): Subject {
  return { network, normalization: 'folded', weights: 2, rate: 5e-4, reference, smaller };
}

/**
 * Quantization-aware training of the reference networks on the 60,000 images of Fashion-MNIST: AdamW, cosine, batch 128,
 * random flips, 8-bit activations, first and last layer 8 bits. Accuracy of the written file on the 10,000 test images,
 * which choose nothing, beside PyTorch's by the same recipe. EDGEWISE_BENCHMARK_NETWORKS=a,b runs some of them.
 */
export default async function quantizationAware(report: (line: string) => void): Promise<void> {
  const shared = path.resolve('..', 'shared');
  if (!existsSync(path.join(shared, 'zoo'))) {
    report('Not run: ../shared is not here.');
    return;
  }
  const run = await freshProcess('train-quantized');
  const data = path.join(shared, 'data', 'fashion-mnist');
  const wanted = process.env['EDGEWISE_BENCHMARK_NETWORKS']?.split(',');
  for (const subject of SUBJECTS) {
    const { network, normalization, weights, rate, reference, smaller } = subject;
    if (wanted && !wanted.includes(network)) continue;
    const file = path.join(shared, 'zoo', network, `${network}${normalization === 'folded' ? '' : '.bn'}.onnx`);
    const runs = SEEDS.map((seed) =>
      run(file, data, String(weights), '8', String(rate), seed, String(EPOCHS), String(THREADS)),
    );
    report(`${network}, normalization ${normalization}, int${weights} weights, uint8 activations: ${accuracies(runs)}`);
    const beside = (percent(mean(runs, 'accuracy')) - (reference ?? NaN)).toFixed(2);
    if (reference !== null) report(`  ${beside} points beside PyTorch’s ${reference} % (limit -${LIMIT})`);
    const ratio = mean(runs, 'bytesBefore') / mean(runs, 'bytes');
    report(`  file ${ratio.toFixed(2)} times smaller${smaller === null ? '' : ` (at least ${smaller})`}`);
  }
}

const percent = (share: number): number => 100 * share;
const mean = (runs: readonly Measured[], fact: string): number =>
  runs.reduce((sum, { facts }) => sum + (facts[fact] ?? NaN), 0) / runs.length;

function accuracies(runs: readonly Measured[]): string {
  const each = runs.map(({ facts }) => percent(facts['accuracy'] ?? NaN).toFixed(2)).join(', ');
  const before = percent(mean(runs, 'accuracyBefore')).toFixed(2);
  const time = seconds(Math.min(...runs.map(({ ms }) => ms)));
  return `${percent(mean(runs, 'accuracy')).toFixed(2)} % (${each}; float ${before}), ${time} at best`;
}
