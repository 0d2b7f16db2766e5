// Run by node, apart from the tests: two native ONNX Runtimes in one process get in each other's way.
// Takes a list of model files and writes the output `y` of each; the runtime's log says how many nodes were left.
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import ort from 'onnxruntime-node-oldest';

const [, , list, written] = argv;
const VERBOSE = 0;
const answers = [];
for (const model of JSON.parse(readFileSync(list, 'utf8'))) {
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    logSeverityLevel: VERBOSE,
  });
  const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(1), []) });
  answers.push([...y.data]);
}
writeFileSync(written, JSON.stringify(answers));
