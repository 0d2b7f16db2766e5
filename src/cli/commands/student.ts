import { learningCommand } from './learn';

export const student = learningCommand({
  name: 'student',
  summary: 'make a smaller network of a model, to be trained',
  description:
    'Makes a smaller network of a model: narrower, shallower, of low rank, or with shared weights. It begins with what it takes from the model, and is to be trained: with train, or with distil and the model as its teacher.',
  examples: `
Examples:
  Half of the channels, then learn from the model itself
    $ edgewise student resnet.onnx --width 0.5 --output small.onnx
    $ edgewise distil small.onnx --teacher resnet.onnx --data photos/ --epochs 20
  Every second block; layers of low rank that keep 90 % of the energy
    $ edgewise student bert.onnx --depth 0.5
    $ edgewise student digits.onnx --rank 0.9
`,
});
