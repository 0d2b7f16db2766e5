import { learningCommand } from './learn';

export const distil = learningCommand({
  name: 'distil',
  summary: 'train a small model to answer as a large one does',
  description:
    'Trains a student to answer as a teacher does; labels are used where there are some, and not needed. Neither file is touched. Ctrl+C once stops and keeps the best; twice cancels, and the same command goes on later.',
  examples: `
Examples:
  A small network learns from a large one, without labels
    $ edgewise distil small.onnx --teacher large.onnx --unlabelled photos/ --epochs 20
  Two teachers, whose mean answers count, and layers that are to be alike
    $ edgewise distil small.onnx --teacher one.onnx --teacher two.onnx --data digits.npz --hint conv2=layer3
  A network learns from itself to live with 2 bits a weight
    $ edgewise distil digits.onnx --teacher self --data digits.npz --weights 2
`,
});
